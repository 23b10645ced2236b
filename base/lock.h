/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/error.h"

/*
 * A lock file in the state directory. The lock ends with the process that took it and is not
 * inherited by its workers, so one that is stuck in the kernel keeps nobody out.
 */
struct lock {
	int fd; /* -1 while not held */
	char name[64];
	int holder; /* pid of who kept us out, where the last lock_take timed out; 0: not known */
};

/*
 * Part of a lock file, for many locks in one. A process holds at most one range of a file at a
 * time: record locks of a process end when it closes any of its descriptors of that file.
 */
struct lock_range {
	uint32_t start, length; /* length 0: to the end of all */
};

#define LOCK_INIT                                                                                  \
	{                                                                                          \
		.fd = -1, .name = ""                                                               \
	}

/* Waits at most timeout_ms; ETIMEDOUT names the process that holds it. */
int lock_take(struct lock *lock, int dir_fd, const char *name, unsigned int timeout_ms,
	      struct error *err);
int lock_take_range(struct lock *lock, int dir_fd, const char *name, struct lock_range range,
		    unsigned int timeout_ms, struct error *err);
void lock_release(struct lock *lock);
/* Releases it and removes its file: for locks whose name will not come again soon. */
void lock_remove(struct lock *lock, int dir_fd);
