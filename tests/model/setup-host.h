/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/model/setup-world.h"

/* The files of a host that is new, with what its programs have built. */
void setup_host_make(const struct world *world);
/* The modules and the image of a kernel: what its package brings. */
void setup_host_add_kernel(int root, const char *release);

/* What generate_host_look() would find; host->boot is for boot_done(). */
void setup_host_know(const struct world *world, struct generate_host *host);
