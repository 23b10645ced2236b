/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/host.h"
#include "model/holder.h"
#include "scan/maps.h"
#include "scan/match.h"

/* What was seen of one device number in one process. */
struct node_count {
	unsigned int descriptors; /* of all its tables */
	bool own, thread, map;    /* seen in the process's table, in a thread's, in its memory */
};

#define PROCESS_SCAN_BUFFER_SIZE 65536

/* Is the host's /proc that of the running kernel, in which pids mean processes of this host? */
bool process_is_real(const struct host *host);

/* What a thread of this program needs to read one process after another. */
struct process_scan {
	const struct host *host;
	const struct match *match;
	bool real;
	struct node_count
		*counts;    /* one for each entry of match, used at the first of its number */
	bool found;         /* one of the counts is not zero */
	bool may_be_mapped; /* one of the nodes may be mapped into memory */
	struct maps maps;
	char *buffer;
};

void process_scan_init(struct process_scan *scan, const struct host *host,
		       const struct match *match, const struct node *nodes);
void process_scan_done(struct process_scan *scan);

/* From /proc/PID/stat. */
struct process_stat {
	char state;
	unsigned int flags;
	unsigned int threads;
	uint64_t start_time;
};

/*
 * The kernel's own threads, sorted; heap. They are found by their parent. (On a host with many
 * processors, most of /proc are such threads.) Returns 0 if they cannot be found.
 */
size_t process_kernel_threads(const struct host *host, pid_t **ret);
int process_compare_pids(const void *a, const void *b); /* by which they are sorted */

/* Opens /proc/PID. The descriptor never means another process, even if the pid is used again. */
int process_open(const struct host *host, pid_t pid);
int process_stat(int process, struct process_stat *ret);

/*
 * Reads what a process has open, and fills in the counts. -errno: something could not be read; the
 * rest is counted all the same. It is no failure if the process ends meanwhile.
 */
int process_scan_read(struct process_scan *scan, int process, pid_t pid);

enum holder_how node_count_how(const struct node_count *count);
