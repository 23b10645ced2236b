/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/*
 * Appends "peer NAME ADDRESS" for each peer of the WireGuard interface NAME; nothing if the kernel
 * does not tell the peers.
 */
void network_dump_peers(const char *name, struct text *out);
