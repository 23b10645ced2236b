// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The few fields of /proc/PID/stat that tell one process from the next with its number, and from
 * whom this process descends. Tests: unit/test-host-process.c.
 */
#include "base/pid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pid_stat_read(const struct host *host, pid_t pid, struct pid_stat *ret, struct error *err)
{
	struct pid_stat stat;
	const char *rest;
	char line[1024];
	int parent, result;

	result = host_read(host, HOST_PROC, line, sizeof(line), err, "%d/stat", (int)pid);
	if (result < 0)
		return result;
	/* The name in parentheses may hold parentheses and spaces itself; what follows does not. */
	rest = strrchr(line, ')');
	if (!rest || sscanf(rest,
			    ") %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			    "%*s %*s %" SCNu64,
			    &stat.state, &parent, &stat.start_time) != 3)
		return error_set(err, EBADMSG, "/proc/%d/stat has an unknown form", (int)pid);
	stat.parent = parent;
	*ret = stat;
	return 0;
}

/* More generations than any host has: what is read may change meanwhile. */
#define GENERATIONS_MAX 1024

bool pid_is_ancestor(const struct host *host, pid_t pid)
{
	struct pid_stat stat = {.parent = 0};
	char self[32];

	/*
	 * This process's number in that /proc. There is none if that is another host's, or
	 * belongs to a namespace of processes without this one.
	 */
	if (host_read_link_name(host, HOST_PROC, self, sizeof(self), NULL, "self") == 0)
		stat.parent = (pid_t)strtol(self, NULL, 10);
	for (int i = 0; i < GENERATIONS_MAX && stat.parent > 0; i++) {
		if (stat.parent == pid)
			return true;
		if (pid_stat_read(host, stat.parent, &stat, NULL) < 0)
			break;
	}
	return false;
}
