/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "parsers/boot/start-lines.h"

/*
 * Appends what units of the admin's and of packages mount and swap to. One that a start wants is
 * waited for: by a link of a target, or of a unit that a start wants itself. One with an automount
 * of which that is true, and any other one, may be missing. What other units ask for by lines of
 * their own (Requires=, RequiresMountsFor=), and drop-ins, are not looked at: who writes a unit for
 * a disk enables it.
 */
void start_units_read(const struct host *host, struct start_lines *lines);
