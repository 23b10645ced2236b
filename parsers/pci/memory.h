/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Adds a use (USE_MEMORY) for each device that gives memory to this host, or may do so: only a look
 * at all decoders of the device proves that it does not. Needs the nodes.
 */
int memory_read(const struct host *host, struct snapshot *snapshot, struct error *err);
