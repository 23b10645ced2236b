/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "parsers/start-lines.h"

/*
 * Appends what units of the admin's and of packages mount and swap to. One that is enabled, by a
 * link of whatever unit, is waited for; one with an automount that is enabled, or that is not, may
 * be missing. What other units ask for by lines of their own (Requires=, RequiresMountsFor=), and
 * drop-ins, are not looked at: who writes a unit for a disk enables it.
 */
void start_units_read(const struct host *host, struct start_lines *lines);
