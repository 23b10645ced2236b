/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in the framebuffers and, where one may lie on a device of the snapshot, the consoles of
 * virtual terminals. See console_read.
 */
int graphics_read(const struct host *host, struct snapshot *snapshot, struct error *err);
