/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "parsers/storage/mounts.h"

/* The block devices that something lies on; none where it lies on no block device (of this host) */
struct backing {
	dev_t *devices; /* heap */
	size_t count;
};

/* What may lie on a disk, with where it lies: arrays as long as those that they belong to. */
struct backings {
	struct mounts mounts;
	struct backing *of_mounts, *of_swaps, *of_images;
	size_t image_count;
};

void backing_done(struct backing *backing);
void backing_add(struct backing *backing, dev_t device);
bool backing_has(const struct backing *backing, dev_t device);

/* Adds the devices of what is mounted; of btrfs the one that is named as its source. */
void backing_mount(const struct host *host, const struct mount *mount, struct backing *backing);

void backings_done(struct backings *backings);

/* Of everything mounted, of all swap, and of the guest's images. *ret: backings_done. */
int backings_read(const struct host *host, const struct guest *guest, struct backings *ret,
		  struct error *err);
