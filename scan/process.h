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

/* Is its /proc the kernel's own, where pids mean processes? */
bool process_is_real(const struct host *host);

/* What a thread needs to read one process after the other. */
struct process_scan {
	const struct host *host;
	const struct match *match;
	bool real;
	struct node_count
		*counts;    /* one for each entry of match, used at the first of its number */
	bool found;         /* any of them is not zero */
	bool may_be_mapped; /* some node of them */
	struct maps maps;
	char *buffer;
};

void process_scan_init(struct process_scan *scan, const struct host *host,
		       const struct match *match, const struct node *nodes);
void process_scan_done(struct process_scan *scan);

/* What the kernel says of a process in a line. */
struct process_stat {
	char state;
	unsigned int flags;
	unsigned int threads;
	uint64_t start_time;
};

/*
 * The kernel's own threads, sorted; heap. They can be known by their parent: most of what runs on a
 * host of many processors are such. None where that can not be found out.
 */
size_t process_kernel_threads(const struct host *host, pid_t **ret);
int process_compare_pids(const void *a, const void *b); /* by which they are sorted */

/* A descriptor of /proc/PID, by which all else is asked: it never becomes another process. */
int process_open(const struct host *host, pid_t pid);
int process_stat(int process, struct process_stat *ret);

/*
 * Reads what a process has open and fills in the counts. Returns 0, or -errno of what could not be
 * read; what could be read is counted all the same. A process that ends meanwhile is no failure.
 */
int process_scan_read(struct process_scan *scan, int process, pid_t pid);

enum holder_how node_count_how(const struct node_count *count);
