/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * What people sit at: framebuffers and the devices they lie on, virtual terminals' consoles (only
 * where a framebuffer may lie on one of the snapshot's devices: to ask needs the console's lock),
 * keyboards, and who is logged in in text; the udev ids of graphics and sound cards; and uses of
 * the kinds igpu, chipset, nvidia, watchdog and console. Needs the snapshot's nodes and holders.
 * EBUSY where somebody keeps the console's lock for ever.
 */
int console_read(const struct host *host, struct snapshot *snapshot, struct error *err);
