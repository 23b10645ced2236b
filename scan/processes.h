/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/node.h"
#include "scan/scan.h"

#define SCAN_TIMEOUT_MS 15000

/*
 * One pass over /proc for all the nodes: descriptors by st_rdev (but not those opened with O_PATH),
 * the tables of threads whose leader has exited or that have one of their own, memory maps. In a
 * child with a deadline, as a process that is stuck in the kernel can block who reads its maps:
 * ETIMEDOUT then. Kernel threads and the caller itself are left out. No nodes: no pass.
 *
 * Not found: descriptors on their way through a socket, dma-bufs, maps that a driver backs by a
 * buffer of its own (i915), processes that hidepid hides from who is not root.
 */
int processes_scan(const struct host *host, const struct node *nodes, size_t count,
		   struct scan *ret, struct error *err);

/*
 * Does this one process hold one of the nodes now? A process that is gone (or another one with its
 * pid) does not. EACCES and such where it cannot be looked into. May block as the pass may: call
 * from a worker.
 */
int process_holds(const struct host *host, pid_t pid, uint64_t start_time, const struct node *nodes,
		  size_t count, bool *ret, struct error *err);
