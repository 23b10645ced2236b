/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A lock file in the state directory. The lock ends with the process that took it. Its workers do
 * not inherit it, so a worker that is stuck in the kernel keeps nobody out.
 */
struct lock {
	int fd;            /* -1 while not held */
	bool is_directory; /* held as a lock of the whole directory; fd is -1 then */
	int owner; /* after a timeout: the pid of the process that has the lock; 0: not known */
	const char *shown; /* the directory, for messages; NULL: /run/hostdev-hook */
};

/*
 * Part of a lock file, for many locks in one. A process holds at most one range of a file at a
 * time: record locks of a process end when it closes any of its descriptors of that file.
 */
struct lock_range {
	uint64_t start, length; /* below 2^63; length 0: to the end of all */
};

/* One byte for a name, by a hash of it: two names that share a byte only wait for each other. */
struct lock_range lock_range_of(const char *name);

#define LOCK_INIT                                                                                  \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/*
 * Waits at most timeout_ms; ETIMEDOUT names the process that has the lock. Makes the file if there
 * is none. If the file cannot be made, as the file system is full or read-only, the whole directory
 * is locked instead, which every other process then has to do as well. All such locks of a process
 * are one lock, which is released with the last of them.
 */
int lock_take(struct lock *lock, int dir_fd, const char *name, unsigned int timeout_ms,
	      struct error *err);
int lock_take_range(struct lock *lock, int dir_fd, const char *name, struct lock_range range,
		    unsigned int timeout_ms, struct error *err);
/*
 * Has another process locked the range, or a part of it? lock is the caller's lock on the same
 * file, with any range: to open the file anew and close it would end that lock.
 */
bool lock_is_taken(const struct lock *lock, struct lock_range range);
/*
 * The same for a caller that has no lock, through a descriptor of the lock file, which may be
 * read-only. *ret_owner: the pid of the process that has it; 0: not known. A process that has
 * locked the whole directory is not seen.
 */
bool lock_find_owner(int fd, struct lock_range range, int *ret_owner);
void lock_release(struct lock *lock);
