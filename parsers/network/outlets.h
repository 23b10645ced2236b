/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"
#include "parsers/network/footing.h"

/*
 * Puts this host's default routes into the snapshot's outlets, and adds a use for each device of
 * the snapshot by which a default route goes or may go.
 */
void outlets_add(struct footings *footings, struct snapshot *snapshot);
