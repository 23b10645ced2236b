/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"

#define LINK_PATH_SIZE 512

/*
 * Where a link of sysfs leads to, by its text alone: "devices/pci0000:00/0000:00:0d.2" for
 * "bus/pci/devices/0000:00:0d.2". False if there is no such link.
 */
bool link_path(const struct host *host, const char *link, char path[LINK_PATH_SIZE]);
