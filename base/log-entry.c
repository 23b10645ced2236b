// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What systemd's journal expects in a datagram, and how it is given what is too large for one.
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ Tests: unit/test-log.c.
 */
#include "base/log-entry.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* Linux 6.3; older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

void log_entry_add(struct text *entry, const char *name, const char *value)
{
	uint64_t length;

	if (!value)
		return;
	text_append(entry, name, strlen(name));
	if (strchr(value, '\n')) {
		/* A line feed would end the field: such a value is counted instead. */
		length = htole64(strlen(value));
		text_append(entry, "\n", 1);
		text_append(entry, (const char *)&length, sizeof(length));
	} else {
		text_append(entry, "=", 1);
	}
	text_append(entry, value, strlen(value));
	text_append(entry, "\n", 1);
}

static int send_message(int socket_fd, struct msghdr message, const char *socket_path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(socket_path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, socket_path);
	message.msg_name = &address;
	message.msg_namelen = sizeof(address);
	return sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * Before version 254 or so, the daemon wants exactly the four seals, so the one against execution
 * is asked for only where the host insists on it (sysctl vm.memfd_noexec).
 */
static int open_memory(void)
{
	int fd = memfd_create("log-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 && errno == EACCES)
		fd = memfd_create("log-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	return fd < 0 ? -errno : fd;
}

/* The daemon believes a file only if nobody can change it any more. */
static int make_sealed(const struct text *entry)
{
	auto_close int fd = open_memory();
	int result = fd < 0 ? fd : fd_write(fd, entry);

	if (result < 0)
		return result;
	return fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : steal_fd(&fd);
}

static int send_in_file(int socket_fd, const struct text *entry, const char *socket_path)
{
	auto_close int fd = make_sealed(entry);
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header;

	if (fd < 0)
		return fd;
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return send_message(socket_fd, message, socket_path);
}

int log_entry_send(const struct text *entry, const char *socket_path)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct iovec all = {.iov_base = entry->data, .iov_len = entry->length};
	struct msghdr message = {.msg_iov = &all, .msg_iovlen = 1};
	int ret = fd < 0 ? -errno : send_message(fd, message, socket_path);

	if (ret == -EMSGSIZE || ret == -ENOBUFS)
		ret = send_in_file(fd, entry, socket_path);
	return ret;
}
