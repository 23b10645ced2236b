/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in who is logged in on virtual terminals, but only if a text console that is drawn on a
 * framebuffer may be on a device of the snapshot; and adds a use (USE_LINE) for each login on a
 * serial line of such a device. Needs the nodes and the consoles.
 */
int terminals_read(const struct host *host, struct snapshot *snapshot, struct error *err);
