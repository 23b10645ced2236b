/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/host.h"
#include "base/text.h"

/*
 * What the kernel tells of a process that does not come back from it. Nothing here blocks or
 * fails: what cannot be read is left out.
 */

#define STALL_WCHAN_SIZE 64

/* The function of the kernel in which the process waits; "": not known. */
void stall_wchan(const struct host *host, pid_t pid, char ret[STALL_WCHAN_SIZE]);

/* The stack of the process in the kernel, a line for each function. Only root may read it. */
void stall_stack(const struct host *host, pid_t pid, struct text *out);

/*
 * The last lines of the kernel's log since since_ms (host_now_ms) that speak of the subject (an
 * address, a name) or of the process, ten at most.
 */
void stall_kernel_lines(const struct host *host, pid_t pid, const char *subject, uint64_t since_ms,
			struct text *out);
