/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "base/lock.h"

/* A lock of the state directory to be waited for, and what to say where that takes too long. */
struct lock_wait {
	int state_fd;
	const char *name;
	struct lock_range range;
	unsigned int timeout_ms;
	const char *what; /* what whoever holds it is at: "claims devices" */
};

/* The command line of a process, for people; heap, NULL where nothing is to be read. */
char *wait_command_of(const struct host *host, int pid);

/* ETIMEDOUT says who holds it: pid, command line, and what to do. */
int lock_wait(const struct host *host, struct lock *lock, const struct lock_wait *wait,
	      struct error *err);
