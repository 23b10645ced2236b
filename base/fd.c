// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How all of an open file is read, and all of a text written, however many calls the kernel wants;
 * and how a file is made that is only in memory.
 * Tests: unit/test-host-path.c.
 */
#include "base/fd.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linux 6.3; a host may insist on it (sysctl vm.memfd_noexec), older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int fd_read(int fd, size_t limit, struct text *text)
{
	char chunk[8192];
	ssize_t length;

	text_append(text, "", 0);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(text, chunk, (size_t)length);
		if (text->length > limit)
			return -EFBIG;
	}
	return length < 0 ? -errno : 0;
}

int fd_write(int fd, const struct text *text)
{
	for (size_t done = 0; done < text->length;) {
		ssize_t length = write(fd, text->data + done, text->length - done);

		if (length < 0 && errno != EINTR)
			return -errno;
		done += length > 0 ? (size_t)length : 0;
	}
	return 0;
}

int fd_memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
