/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"
#include "parsers/storage/disk.h"

/*
 * The disks of all devices of the snapshot: from its nodes, or by a walk of its own where it has
 * none yet; with those that a Fibre Channel adapter reaches by NVMe. *ret: disks_done.
 */
int disks_read(const struct host *host, const struct snapshot *snapshot, struct disks *ret,
	       struct error *err);
