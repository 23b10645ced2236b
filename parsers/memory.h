/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Adds USE_MEMORY for what gives memory to this host, or may do so: nothing but a look at all of
 * its decoders proves that it does not. After the nodes.
 */
int memory_read(const struct host *host, struct snapshot *snapshot, struct error *err);
