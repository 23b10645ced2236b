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
struct tally {
	unsigned int descriptors; /* of all its tables */
	bool own, thread, map;    /* seen in the process's table, in a thread's, in its memory */
};

#define LOOK_BUFFER_SIZE 65536

/* Is its /proc the kernel's own, where pids mean processes? */
bool process_is_real(const struct host *host);

/* What one pair of eyes needs, from one process to the next. */
struct look {
	const struct host *host;
	const struct match *match;
	bool real;
	struct tally *tallies; /* one for each entry of match, used at the first of its number */
	bool found;            /* any of them is not zero */
	bool may_be_mapped;    /* some node of them */
	struct maps maps;
	char *buffer;
};

void look_init(struct look *look, const struct host *host, const struct match *match,
	       const struct node *nodes);
void look_done(struct look *look);

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
 * Looks into a process and fills the tallies. 0 or -errno of what could not be seen, the tallies
 * having what could. A process that ends meanwhile is no failure.
 */
int process_look(struct look *look, int process, pid_t pid);

enum holder_how tally_how(const struct tally *tally);
