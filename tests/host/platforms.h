/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/kernel.h"

/*
 * The platform devices of firmware framebuffers, the resources of all in /proc/iomem, and virtual
 * consoles. Writes: 0 or a positive errno.
 */
void platforms_boot(struct testhost *host);
int platform_write(struct testhost *host, const char *driver, bool bind, const char *value);
const struct machine_platform *platform_named(const struct testhost *host, const char *name);
char *platform_dir(const struct testhost *host, const struct machine_platform *platform);
bool platform_bound(const struct testhost *host, const struct machine_platform *platform);

void vtconsoles_boot(struct testhost *host);
int vtconsole_write(struct testhost *host, const char *path, const char *value);
