/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * What people sit at: framebuffers and the devices they lie on, virtual terminals' consoles,
 * keyboards; the udev ids of graphics and sound cards; and uses of the kinds igpu, chipset and
 * nvidia.
 */
int console_read(const struct host *host, struct snapshot *snapshot, struct error *err);
