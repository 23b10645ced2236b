/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Reads what people sit at: framebuffers and the devices on which they lie; the consoles of the
 * virtual terminals (only if a framebuffer may lie on a device of the snapshot, as reading them
 * takes the console's lock); keyboards; and logins on text consoles. Also reads the udev ids of
 * graphics and sound cards, and adds uses of the kinds igpu, chipset, nvidia, watchdog and console.
 * The nodes and holders of the snapshot must be read before. EBUSY: a driver keeps the console's
 * lock.
 */
int console_read(const struct host *host, struct snapshot *snapshot, struct error *err);
