/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/homes.h"
#include "model/snapshot.h"

/*
 * Appends, for each device that a driver keeps from the host, the driver that it would have without
 * that: by modules.alias of the running kernel and by what is built into it, and without what
 * modprobe.d or the kernel's command line have blacklisted.
 */
void homes_read(const struct host *host, const struct snapshot *snapshot, const char *cmdline,
		struct homes *homes);
