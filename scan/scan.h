/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/holder.h"

/* A process holds a node. */
struct scan_hit {
	pid_t pid;
	uint64_t start_time; /* field 22 of /proc/PID/stat */
	size_t node;         /* index in the nodes asked for */
	enum holder_how how;
	unsigned int descriptors; /* how many of its descriptors, with those of its threads */
};

/* A process that could not be looked into. (A process that has ended meanwhile is none.) */
struct scan_gap {
	pid_t pid;
	int code; /* positive errno */
};

struct scan {
	struct scan_hit *hits; /* sorted by pid, node; one for each pair */
	size_t hit_count;
	struct scan_gap *gaps;
	size_t gap_count;
};

void scan_done(struct scan *scan);
#define auto_scan __attribute__((__cleanup__(scan_done)))

void scan_add_hit(struct scan *scan, const struct scan_hit *hit);
void scan_add_gap(struct scan *scan, pid_t pid, int code);
