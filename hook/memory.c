// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a domain's XML is given to another program: as a file that has no name and no place on any
 * disk, as it may hold secrets.
 */
#include "hook/memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Linux 6.3; a host may insist on it (sysctl vm.memfd_noexec), older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int memory_file_open(void)
{
	int fd = memfd_create("domain.xml", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("domain.xml", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int memory_file_new(const char *data, size_t length)
{
	auto_close int fd = memory_file_open();
	size_t done = 0;

	if (fd < 0)
		return fd;
	while (done < length) {
		/* Not write(2): the reader starts at the file's position. */
		ssize_t written = pwrite(fd, data + done, length - done, (off_t)done);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0)
			done += (size_t)written;
	}
	return steal_fd(&fd);
}

void memory_keep_secret(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}
