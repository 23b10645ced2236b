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
struct place {
	dev_t *devices; /* heap */
	size_t count;
};

/* What may lie on a disk, with where it lies: arrays as long as those that they belong to. */
struct places {
	struct mounts mounts;
	struct place *of_mounts, *of_swaps, *of_images;
	size_t image_count;
};

void place_done(struct place *place);
void place_add(struct place *place, dev_t device);
bool place_has(const struct place *place, dev_t device);

/* Adds the devices of what is mounted; of btrfs the one that is named as its source. */
void place_mount(const struct host *host, const struct mount *mount, struct place *place);

void places_done(struct places *places);

/* Of everything mounted, of all swap, and of the guest's images. *ret: places_done. */
int places_read(const struct host *host, const struct guest *guest, struct places *ret,
		struct error *err);
