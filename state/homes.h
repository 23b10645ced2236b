/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/homes.h"
#include "state/setups.h"

/*
 * Appends what the records remember, the newest set-up first, and what those remembered that were
 * taken back in this boot.
 */
void homes_of_setups(const struct host *host, const struct setups *setups, struct homes *homes);

/*
 * To be called before records are removed: keeps what they remember of devices that stay reserved
 * until this boot ends. Writing it down is tried: without it a later call knows less.
 */
void homes_keep(const struct host *host, const struct setups *setups);
