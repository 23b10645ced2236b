/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Finds out what would start the display servers among the snapshot's holders again when they end:
 * a unit of the system's (a display manager, a getty with its login), or a program without a unit.
 * A shell into which somebody has typed startx would not. A program that draws and has somebody's
 * login below it (a console that draws by itself) becomes a display server first.
 */
void starters_read(const struct host *host, struct snapshot *snapshot);
