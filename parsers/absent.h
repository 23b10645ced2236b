/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/guest.h"
#include "model/snapshot.h"

/*
 * Fills in snapshot->absences: why devices that the guest names may be missing, as far as this host
 * tells. Needs the pins. Costs nothing if no device is missing.
 */
void absent_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
