/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/* Fills in parent, and behind if the device is in the PCI domain that Intel VMD makes. */
void behind_read(const struct host *host, struct device *device);

/* Adds what the snapshot's Thunderbolt and USB4 controllers carry. */
int behind_read_carried(const struct host *host, struct snapshot *snapshot, struct error *err);
