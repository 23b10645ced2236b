/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"
#include "scan/nodes.h"

/*
 * Adds one use for each function of the snapshot that has mediated devices. (A process that holds
 * a mediated device is a holder of the function, by the node of the mediated device.)
 */
void mediated_add(struct snapshot *snapshot, const struct mediated *mediated, size_t count);
