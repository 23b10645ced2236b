/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/text.h"

/*
 * Appends all lines that host_network_read promises (base/host.h). May block for ever: to be called
 * by a worker.
 */
int network_dump(struct text *out, struct error *err);
