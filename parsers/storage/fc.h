/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"
#include "parsers/storage/disk.h"

/*
 * Adds the NVMe disks that a Fibre Channel adapter of the snapshot reaches; sysfs shows them
 * elsewhere. A disk is not added if a working controller of another adapter stays. If it is not
 * known by which adapter a controller goes, as one of the two does not tell its port, each such
 * adapter may be the one (disk.perhaps).
 */
int fc_disks_add(const struct host *host, const struct snapshot *snapshot, struct disks *disks,
		 struct error *err);

/*
 * Adds a use for each mount and swap space on a disk of this kind that is missing among the block
 * devices of sysfs.
 */
int fc_nodes_tell(const struct host *host, struct snapshot *snapshot, struct error *err);
