/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/host.h"
#include "model/node.h"
#include "scan/match.h"

/* A mapped file as a line of "maps" names it: by where its inode is, not by a device number. */
struct mapped_file {
	uint64_t device, inode;
	uint64_t path; /* hash: the subvolumes of a btrfs share device and inodes */
};

/* Looks for nodes in memory maps, and remembers what each mapped file was. */
struct maps {
	const struct match *match;
	bool *seen;    /* for each entry of match: did the last process map it? */
	bool any_seen; /* one of them is true */
	struct maps_known {
		struct mapped_file file;
		size_t entry; /* or MATCH_NONE */
		bool used;
	} * known; /* hash table, at most half full */
	size_t known_size, known_count;
	/* Where the nodes are in /dev: for maps of which nothing else can be found out. */
	struct mapped_file *nodes;
	size_t *node_entries;
	size_t node_count;
	uint64_t dev; /* the device that /dev itself is on; 0: unknown */
};

void maps_init(struct maps *maps, const struct host *host, const struct match *match,
	       const struct node *nodes);
void maps_done(struct maps *maps);

/*
 * Fills maps->seen for the process behind the descriptor. thread: a thread that may have the memory
 * if the leader has exited (0: none). 0 or -errno; -EACCES also if something is mapped that may be
 * a node, and that cannot be examined.
 */
int maps_look(struct maps *maps, int process, pid_t thread, char *buffer, size_t size);
