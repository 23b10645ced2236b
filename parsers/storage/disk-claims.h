/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "parsers/storage/disks.h"

/*
 * Asks of all disks without other evidence, at once, whether anything has claimed them (a mount in
 * any namespace, swap, dm, md, ZFS), by opening them exclusively in workers with a deadline: fills
 * in their verdicts. Only root may ask.
 */
void disk_claims_read(const struct host *host, struct disks *disks);
