/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/kernel.h"

/* What systemd and logind would say, and what systemd would do. */
void units_boot(struct testhost *host);
/* The whole name with its manager ("1000/foo.service"); 0 or a positive errno. */
int unit_set(struct testhost *host, const char *name, bool active);
/* ENOSYS without such a manager, ENOENT without such a unit. */
int unit_read(const struct testhost *host, const char *name, struct host_unit *ret);
void sessions_boot(struct testhost *host);
