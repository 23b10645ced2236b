/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* What /proc/PID/stat says (proc(5)). */
struct pid_stat {
	char state; /* 'Z': a zombie, or a leader whose threads live on */
	pid_t parent;
	uint64_t start_time; /* clock ticks since boot: with the pid, the process's identity */
};

/* ENOENT or ESRCH: there is no such process (any more). */
int pid_stat_read(const struct host *host, pid_t pid, struct pid_stat *ret, struct error *err);

/*
 * Is it this process itself, or a process that it descends from? That is asked by the number that
 * this process has in the host's /proc; in another host's /proc no process is an ancestor.
 */
bool pid_is_ancestor(const struct host *host, pid_t pid);
