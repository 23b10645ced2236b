/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "parsers/disks.h"

/*
 * Adds a use to each disk that has none and that a process has open, itself or one of its
 * partitions: another guest's QEMU, a database. Only of disks apart, as who holds the nodes of a
 * function is asked anyway. One pass over all processes, if there is any such disk.
 */
void disk_holders_read(const struct host *host, struct disks *disks);
