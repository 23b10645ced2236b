// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a path is opened so that no link in it leads out of a directory: openat2(2).
 * Tests: unit/test-host-path.c.
 */
#include "base/open-below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A try takes microseconds, and fails only if a rename falls into them. */
#define TRIES 1000

int open_below(int directory, const char *path, int flags, enum links_lead lead)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_NO_MAGICLINKS |
			   (lead == LINKS_LEAD_IN_ROOT ? RESOLVE_IN_ROOT
						       : RESOLVE_BENEATH | RESOLVE_NO_XDEV),
	};
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
		sched_yield();
	}
	return fd;
}
