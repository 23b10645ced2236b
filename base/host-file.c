// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Owner, mode, label and target of files of the machine: what is asked of them before anybody
 * believes what stands in them. Tests: unit/test-host-path.c.
 */
#include "base/host-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-names.h"
#include "base/open-below.h"
#include "base/text.h"

#define LABEL_SIZE 512
#define LINK_SIZE 4096

/* The file itself, or the link; nothing is opened for reading. */
__attribute__((format(printf, 3, 0))) static int open_path(const struct host *host,
							   enum host_dir dir, const char *format,
							   va_list args, struct error *err)
{
	auto_free char *path = xvasprintf(format, args);
	int fd;

	if (host->fd[dir] < 0)
		return error_errno(err, ENOENT, "%s", path);
	fd = host_dir_open(host, dir, path, O_PATH | O_NOFOLLOW);
	return fd < 0 ? error_errno(err, errno, "open %s", path) : fd;
}

#define open_variadic(fd, host, dir, format, err)                                                  \
	do {                                                                                       \
		va_list args_;                                                                     \
		va_start(args_, format);                                                           \
		(fd) = open_path(host, dir, format, args_, err);                                   \
		va_end(args_);                                                                     \
	} while (0)

int host_file_stat(const struct host *host, enum host_dir dir, struct stat *ret, struct error *err,
		   const char *format, ...)
{
	auto_close int fd = -1;
	struct stat st;

	open_variadic(fd, host, dir, format, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "stat");
	*ret = st;
	return 0;
}

int host_file_link(const struct host *host, enum host_dir dir, char **ret, struct error *err,
		   const char *format, ...)
{
	auto_close int fd = -1;
	char target[LINK_SIZE];
	ssize_t length;

	open_variadic(fd, host, dir, format, err);
	if (fd < 0)
		return fd;
	length = readlinkat(fd, "", target, sizeof(target) - 1);
	/* Of what is no link, the kernel says so in two ways. */
	if (length < 0)
		return error_errno(err, errno == ENOENT ? EINVAL : errno, "read link");
	target[length] = '\0';
	*ret = xstrdup(target);
	return 0;
}

int host_file_label(const struct host *host, enum host_dir dir, char **ret, struct error *err,
		    const char *format, ...)
{
	char path[32], label[LABEL_SIZE];
	auto_close int fd = -1;
	ssize_t length;

	open_variadic(fd, host, dir, format, err);
	if (fd < 0)
		return fd;
	/* fgetxattr() takes no descriptor of a mere path. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = getxattr(path, "security.selinux", label, sizeof(label) - 1);
	if (length < 0)
		return error_errno(err, errno, "read the label");
	label[length] = '\0';
	*ret = xstrdup(label);
	return 0;
}

/* --- nodes of devices --- */

#define LINKS_MAX 8

static int open_node(int dev, const char *path, int flags)
{
	return open_below(dev, path, O_PATH | flags, LINKS_LEAD_BELOW);
}

/*
 * Without udev, LVM links "/dev/vg/lv" to "/dev/mapper/vg-lv": outside, for openat2. False where
 * the path is no such link. *path: heap, replaced by where it leads.
 */
static bool follow_absolute(int dev, char **path)
{
	auto_close int fd = open_node(dev, *path, O_NOFOLLOW);
	char target[LINK_SIZE];
	ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target) - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	if (!text_starts(target, "/dev/"))
		return false;
	free(*path);
	*path = xstrdup(target + strlen("/dev/"));
	return true;
}

/*
 * A node right below /dev may be a mount of its own, in a container; and the kernel (before 5.6) or
 * a filter of system calls may know no openat2. Only root makes anything right there, and a link is
 * not followed.
 */
static int stat_direct(int dev, const char *path, struct stat *ret, struct error *err)
{
	if (strchr(path, '/'))
		return error_errno(err, EXDEV, "/dev/%s", path);
	if (fstatat(dev, path, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "stat /dev/%s", path);
	return 0;
}

int host_file_node(const struct host *host, const char *path, struct stat *ret, struct error *err)
{
	auto_free char *at = xstrdup(path);
	int dev = host->fd[HOST_DEV], links = 0;

	if (dev < 0)
		return error_errno(err, ENOENT, "/dev");
	do {
		auto_close int fd = open_node(dev, at, 0);

		if (fd >= 0)
			return fstat(fd, ret) < 0 ? error_errno(err, errno, "stat /dev/%s", at) : 0;
		if (errno != EXDEV && errno != ENOSYS && errno != EPERM)
			return error_errno(err, errno, "open /dev/%s", at);
	} while (links++ < LINKS_MAX && follow_absolute(dev, &at));
	return stat_direct(dev, at, ret, err);
}

bool host_file_place(const char *absolute, enum host_dir *ret_dir, const char **ret_path)
{
	static const struct {
		const char *prefix;
		enum host_dir dir;
	} places[] = {
		{"/usr/", HOST_USR},     {"/etc/", HOST_ETC}, {"/run/", HOST_RUN},
		{"/var/lib/", HOST_VAR}, {"/", HOST_ROOT},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!text_starts(absolute, places[i].prefix))
			continue;
		*ret_dir = places[i].dir;
		*ret_path = absolute + strlen(places[i].prefix);
		return **ret_path != '\0';
	}
	return false;
}
