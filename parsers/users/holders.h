/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in who holds the snapshot's devices: nodes, holders with all that is known of them,
 * unreadables, the holders' units and the display manager. Holders are sorted by pid; one that ends
 * meanwhile is left out, one of which it cannot be told what it is, is protected.
 */
int holders_read(const struct host *host, struct snapshot *snapshot, struct error *err);
