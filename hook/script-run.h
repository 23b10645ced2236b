/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define SCRIPT_OUTPUT_MAX ((size_t)10 * 1024 * 1024) /* libvirt's own limit for a definition */
#define SCRIPT_GRACE_MS 2000                         /* between SIGTERM and SIGKILL */
#define SCRIPT_KILL_MS 500 /* for the kernel to end it, and for its last words */

/* One run of one program. */
struct script_run {
	const char *path;
	char *const *argv, *const *envp;
	const char *input; /* its standard input, in memory */
	size_t input_length;
	unsigned int timeout_ms; /* it may take SCRIPT_GRACE_MS + SCRIPT_KILL_MS longer */
	void (*line)(void *data, const char *line); /* each line it writes, while it runs */
	void *data;
	struct text *output; /* where not NULL: what it writes to standard output is no line */
};

/*
 * Runs the program as the leader of a session of its own, with the descriptors 0, 1 and 2 alone,
 * and waits for its end. Children that the program leaves behind are not waited for; but if its
 * output is wanted, they must have closed it. 0: it has ended with status 0. -errno: why says how
 * it has ended, with the last line that it wrote. ETIMEDOUT: its process group was killed.
 */
int script_run(const struct script_run *run, struct text *why);
