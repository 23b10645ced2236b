/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* One line of mountinfo, decoded. Heap strings. */
struct mount {
	dev_t device; /* major:minor; major 0 where the file system has no single device */
	char *source; /* "" where it says none */
	char *target; /* the mount point */
	char *type;   /* "ext4" */
};

struct mounts {
	struct mount *mounts; /* in the order of mountinfo: what covers others comes later */
	size_t count;
	char **swaps; /* heap strings: paths of swap partitions and files, "(deleted)" cut off */
	size_t swap_count;
};

void mounts_done(struct mounts *mounts);
#define auto_mounts __attribute__((__cleanup__(mounts_done)))

/*
 * Every mount of this mount namespace, and all swap. A kernel without swap: none. A line that
 * cannot be understood is an error, as it may be the one that matters. *ret: mounts_done.
 * ELIBACC without libmount.
 */
int mounts_read(const struct host *host, struct mounts *ret, struct error *err);
