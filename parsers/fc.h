/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"
#include "parsers/disks.h"

/*
 * Adds the NVMe disks that a Fibre Channel adapter of the snapshot reaches, which hang elsewhere in
 * sysfs. One that a controller stays for which works is not lost, and not added. What adapter a
 * controller goes by may not be known: then it may be each of them (disk.perhaps).
 */
int fc_disks_add(const struct host *host, const struct snapshot *snapshot, struct disks *disks,
		 struct error *err);

/*
 * Adds a use for each mount and swap space on such a disk that is not among the block devices of
 * sysfs.
 */
int fc_nodes_tell(const struct host *host, struct snapshot *snapshot, struct error *err);
