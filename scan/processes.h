/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/node.h"
#include "scan/scan.h"

#define SCAN_TIMEOUT_MS 15000

/*
 * Finds the processes that hold one of the nodes, by one pass over /proc. It looks at descriptors
 * by their st_rdev (but not at those opened with O_PATH), at the descriptors of threads whose
 * leader has exited or that have their own table, and at memory maps. A child makes the pass, as
 * reading the maps of a process that is stuck in the kernel can block: then ETIMEDOUT. Kernel
 * threads and this process are left out. Without nodes no pass is made.
 *
 * It does not find descriptors that are on their way through a socket, dma-bufs, maps that a driver
 * backs with a buffer of its own (i915), and processes that hidepid hides from users that are not
 * root.
 */
int processes_scan(const struct host *host, const struct node *nodes, size_t count,
		   struct scan *ret, struct error *err);

/*
 * Does this process hold one of the nodes now? If it is gone, or another process has its pid, it
 * does not. EACCES and others: it cannot be looked into. It may block as the pass may: only a
 * worker may call it.
 */
int process_holds(const struct host *host, pid_t pid, uint64_t start_time, const struct node *nodes,
		  size_t count, bool *ret, struct error *err);
