/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "model/node.h"

/*
 * The device numbers that are looked for. Several nodes may have the same number (a node that all
 * cards of a driver share). A number is named by the index of its first entry here.
 */
struct match {
	struct match_entry {
		uint64_t key;
		size_t node; /* index in the nodes given */
	} * entries;         /* sorted; one for each node */
	size_t count;
};

#define MATCH_NONE SIZE_MAX

void match_init(struct match *match, const struct node *nodes, size_t count);
void match_done(struct match *match);

/* The first entry with this file's device number; MATCH_NONE for any other file. */
size_t match_find(const struct match *match, const struct statx *file);
/* One past the last entry with the number of that entry. */
size_t match_end(const struct match *match, size_t entry);

/*
 * Examines the file behind a link of /proc, without asking a file server, which may be dead. 0:
 * *ret is filled in; 1: it is certainly no device node, and nothing else is known; or -errno.
 */
int match_stat(int dir, const char *name, struct statx *ret);
