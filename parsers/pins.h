/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/* Fills in the snapshot's pins of this guest. None yet: no error. EPERM: others may write them. */
int pins_read(const struct host *host, const char *uuid, struct snapshot *snapshot,
	      struct error *err);
