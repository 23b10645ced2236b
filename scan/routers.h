/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"

/*
 * Is a device plugged into the Thunderbolt or USB4 controller with this directory below /sys?
 * authorized: only devices that may have PCI tunnels count (USB tunnels need no permission).
 */
bool routers_any(const struct host *host, const char *controller, bool authorized);
