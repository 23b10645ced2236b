/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * All PCI functions of the host and their groups, sorted: of each what decides whether it can be
 * lent, and no more. Left empty is what only a step needs (power, driver_override, VFIO drivers of
 * a device's own) or a pin (serial number): for these there is pci_snapshot. Nothing that is read
 * wakes a device or waits for its lock. *ret: snapshot_done.
 */
int survey_read(const struct host *host, struct snapshot *ret, struct error *err);
