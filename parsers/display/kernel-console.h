/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Adds a use (USE_CONSOLE) for each serial line of a device of the snapshot on which the kernel's
 * console is.
 */
int kernel_console_read(const struct host *host, struct snapshot *snapshot, struct error *err);
