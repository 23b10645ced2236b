/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* One line of mountinfo, decoded. Heap strings. */
struct mount {
	dev_t device;   /* major:minor; major 0 where the file system has no single device */
	char *source;   /* "" where it says none */
	char *target;   /* the mount point */
	char *type;     /* "ext4" */
	char *options;  /* of the file system itself: "rw,lowerdir=/a:/b"; "" where it says none */
	bool read_only; /* this mount is, or the file system itself */
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
 * Every mount that PID 1 sees (or this process, which is not root), and all swap. A kernel without
 * swap: none. A line that cannot be understood is an error, as it may be the one that matters.
 * *ret: mounts_done. ELIBACC without libmount.
 */
int mounts_read(const struct host *host, struct mounts *ret, struct error *err);
/* Every mount as this process sees it, and no swap; all else as above. */
int mounts_read_own(const struct host *host, struct mounts *ret, struct error *err);

#define MOUNT_NONE ((size_t)-1)

/*
 * The mount that a path lies on, or MOUNT_NONE: by the longest mount point, of equal ones the last,
 * which covers the others; the one of the number "but" (MOUNT_NONE: all count) is left out. The
 * file is not looked at: it may lie on a server that does not answer.
 */
size_t mounts_find(const struct mounts *mounts, const char *path, size_t but);
