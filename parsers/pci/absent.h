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

/*
 * The same for each device that the kernel lists (/proc/bus/pci) and a snapshot of all functions
 * lacks, in the order of their addresses: somebody hides it.
 */
void absent_survey(const struct host *host, struct snapshot *snapshot);
