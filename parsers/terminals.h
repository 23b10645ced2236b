/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in who is logged in on virtual terminals (only where a console drawn on framebuffers may be
 * on one of the snapshot's devices), and adds a use (USE_LINE) for each login on a serial line of
 * one of them. Needs the nodes and the consoles.
 */
int terminals_read(const struct host *host, struct snapshot *snapshot, struct error *err);
