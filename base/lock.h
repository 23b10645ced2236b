/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

/*
 * A lock file in the state directory. The lock ends with the process that took it and is not
 * inherited by its workers, so one that is stuck in the kernel keeps nobody out.
 */
struct lock {
	int fd; /* -1 while not held */
	char name[64];
};

#define LOCK_INIT                                                                                  \
	{                                                                                          \
		.fd = -1, .name = ""                                                               \
	}

/* Waits at most timeout_ms; ETIMEDOUT names the process that holds it. */
int lock_take(struct lock *lock, int dir_fd, const char *name, unsigned int timeout_ms,
	      struct error *err);
void lock_release(struct lock *lock);
/* Releases it and removes its file: for locks whose name will not come again soon. */
void lock_remove(struct lock *lock, int dir_fd);
