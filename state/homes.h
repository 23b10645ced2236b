/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/homes.h"
#include "state/setups.h"

/*
 * Appends the drivers that the records of set-ups remember, the newest set-up first; and those that
 * homes_keep has kept in this boot.
 */
void homes_of_setups(const struct host *host, const struct setups *setups, struct homes *homes);

/*
 * The caller calls this before it removes records: it keeps the drivers of devices that stay
 * reserved until this boot ends. A failure is not told: a later call only knows less.
 */
void homes_keep(const struct host *host, const struct setups *setups);
