/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/* Appends "peer NAME ADDRESS" for each peer of a WireGuard interface; nothing where none is told.
 */
void network_dump_peers(const char *name, struct text *out);
