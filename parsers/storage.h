/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "model/snapshot.h"
#include "parsers/bases.h"
#include "parsers/blocks.h"
#include "parsers/disks.h"
#include "parsers/places.h"

/*
 * Adds a use for each way in which a disk behind one of the snapshot's devices is in use: mounts
 * (every one, by device number), swap, what is stacked on it (dm, md, bcache, loop), membership in
 * a mounted multi-device file system, an exclusive claim (open with O_EXCL, in a worker with a
 * deadline), the guest's own images. What cannot be found out is USE_UNREADABLE; an error only
 * where not even the disks can be told. Takes the snapshot's nodes (holders_read) where it has
 * some, else walks sysfs itself; devices without disks cost no more than that.
 */
int storage_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err);

/*
 * Fills in the uses of disks, with the exclusive claim. bases: may be NULL, else their uses tell
 * which of them the host runs from, and of images on what stands on a disk.
 */
void storage_read_disks(const struct host *host, const struct guest *guest,
			const struct places *places, const struct loops *loops,
			const struct bases *bases, struct disks *disks);
