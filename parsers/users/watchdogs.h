/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Adds a use (USE_WATCHDOG) for each device of the snapshot with a watchdog that runs, or that does
 * not tell whether it runs. Needs the snapshot's nodes and holders.
 */
void watchdogs_read(const struct host *host, struct snapshot *snapshot);
