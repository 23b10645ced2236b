/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in who holds the snapshot's devices: nodes, holders with all that is known of them,
 * unreadables, the holders' units and the display manager. uuid is the guest's own.
 */
int holders_read(const struct host *host, struct snapshot *snapshot, struct error *err);
