/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* Block devices go by their names in sysfs ("nvme0n1p2", "dm-0"), where "!" stands for "/". */
struct block {
	char *name; /* heap */
	dev_t device;
};

/*
 * A loop device, on a block device (the one stacking that /sys/class/block/X/holders leaves out) or
 * on a file.
 */
struct loop {
	char *name; /* heap */
	char *file; /* heap; NULL: on a block device */
	dev_t backing;
};

/* What is read once for all disks. */
struct loops {
	struct loop *loops;
	size_t count;
};

/* A block device and all that stands on it, whatever the depth: each once, the lower first. */
struct block_stack {
	struct block *blocks; /* [0]: the device itself; then those directly on it */
	size_t count, direct;
};

void block_stack_done(struct block_stack *stack);
void loops_done(struct loops *loops);

/* The name below /dev: "/" for the "!" of sysfs. Heap. */
char *block_node(const char *name);

int block_number(const struct host *host, const char *name, dev_t *ret, struct error *err);

bool block_is_partition(const struct host *host, const char *name);

/* Names of a disk's partitions; NULL-terminated: host_free_names. */
int block_partitions(const struct host *host, const char *name, char ***ret, struct error *err);

/* *ret: loops_done. */
int loops_read(const struct host *host, struct loops *ret, struct error *err);

/* Not followed: the partitions of the device itself. *ret: block_stack_done. */
int block_stack_read(const struct host *host, const char *name, const struct loops *loops,
		     struct block_stack *ret, struct error *err);

/*
 * The block device that a path below /dev leads to, through links that stay there; one that is no
 * more (swap says "deleted") by its name in sysfs. False for all else, other paths too.
 */
bool block_resolve(const struct host *host, const char *path, dev_t *ret);

/* For people: "LVM volume vg-root (dm-0)", "RAID array md127", "nvme0n1". Heap. */
char *block_label(const struct host *host, const char *name);
