/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "parsers/storage/disks.h"

/*
 * Adds a use to each disk that has none and that a process (another guest's QEMU, a database) has
 * open, the disk or one of its partitions. Only for disks with "apart" set: holders of all other
 * disks are found with the nodes of the PCI function. One pass over all processes, if there is any
 * such disk.
 */
void disk_holders_read(const struct host *host, struct disks *disks);
