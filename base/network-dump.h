/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/text.h"

/* Appends all lines of host_network_read (base/host.h). May block for ever: a worker's work. */
int network_dump(struct text *out, struct error *err);
