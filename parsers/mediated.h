/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"
#include "scan/nodes.h"

/*
 * Each function with mediated devices becomes one use of that function. Who holds one of them is
 * a holder of the function, by the node of the mediated device.
 */
void mediated_add(struct snapshot *snapshot, const struct mediated *mediated, size_t count);
