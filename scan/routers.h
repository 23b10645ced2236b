/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"

/*
 * Is anything plugged into the Thunderbolt or USB4 controller with this directory below /sys?
 * authorized: only what is allowed to have PCI tunnels counts; USB tunnels need no permission.
 */
bool routers_any(const struct host *host, const char *controller, bool authorized);
