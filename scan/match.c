// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a file is known for one of the nodes looked for: by type and device number alone, as its
 * path may be a copy, renamed or gone. Tests: unit/test-processes.c, unit/test-gates.c.
 */
#include "scan/match.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/text.h"

static uint64_t make_key(bool is_block, uint32_t major, uint32_t minor)
{
	return (uint64_t)major << 33 | (uint64_t)minor << 1 | is_block;
}

static int compare_entries(const void *a, const void *b)
{
	const struct match_entry *left = a, *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return left->node < right->node ? -1 : left->node > right->node;
}

void match_init(struct match *match, const struct node *nodes, size_t count)
{
	match->entries = xcalloc(count, sizeof(*match->entries));
	match->count = count;
	for (size_t i = 0; i < count; i++)
		match->entries[i] = (struct match_entry){
			.key = make_key(nodes[i].is_block, nodes[i].major, nodes[i].minor),
			.node = i,
		};
	qsort(match->entries, count, sizeof(*match->entries), compare_entries);
}

void match_done(struct match *match)
{
	free(match->entries);
	*match = (struct match){0};
}

size_t match_find(const struct match *match, const struct statx *file)
{
	size_t low = 0, high = match->count;
	uint64_t key;

	if (!S_ISCHR(file->stx_mode) && !S_ISBLK(file->stx_mode))
		return MATCH_NONE;
	key = make_key(S_ISBLK(file->stx_mode), file->stx_rdev_major, file->stx_rdev_minor);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (match->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < match->count && match->entries[low].key == key ? low : MATCH_NONE;
}

size_t match_end(const struct match *match, size_t entry)
{
	size_t end = entry + 1;

	while (end < match->count && match->entries[end].key == match->entries[entry].key)
		end++;
	return end;
}

int match_stat(int dir, const char *name, struct statx *ret)
{
	if (statx(dir, name, AT_STATX_DONT_SYNC, STATX_TYPE, ret) == 0)
		return 0;
	switch (errno) {
	case ESTALE:
	case EIO:
	case ENOTCONN:
		/* Its file system has gone, or its server: where no node of this host was. */
		return 1;
	case EACCES:
		/*
		 * A user's FUSE tells not even root what its files are, unless nothing is asked.
		 * Devices do not work there.
		 */
		return statx(dir, name, AT_STATX_DONT_SYNC, 0, ret) == 0 ? 1 : -EACCES;
	default:
		return -errno;
	}
}
