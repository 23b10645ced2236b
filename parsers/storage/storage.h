/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "model/snapshot.h"

/*
 * Adds a use for each way in which a disk behind one of the snapshot's devices is in use: mounts
 * (every one, by device number), swap, what is stacked on it (dm, md, bcache, loop), membership in
 * a mounted multi-device file system, an exclusive claim (open with O_EXCL, in a worker with a
 * deadline), the guest's own images, the kernel's exports. What cannot be found out is
 * USE_UNREADABLE; an error only where not even the disks can be told. Takes the snapshot's nodes
 * (holders_read) where it has some, else walks sysfs itself; devices without disks cost no more
 * than that.
 */
int storage_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err);
