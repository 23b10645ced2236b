/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/* Adds the uses USE_IGPU and USE_CHIPSET: what is part of the processor or the board. */
int chipset_read(const struct host *host, struct snapshot *snapshot, struct error *err);
