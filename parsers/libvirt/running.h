/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/guest.h"
#include "model/snapshot.h"

/*
 * Notes in the snapshot the QEMU of this very guest if it has some of the devices. Needs the
 * snapshot's holders; costs nothing if no QEMU holds any of the devices.
 */
void running_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
