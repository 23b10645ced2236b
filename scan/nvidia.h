/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/node.h"

/*
 * Adds the nodes that NVIDIA's driver has for a device, of which sysfs knows nothing: its own, and
 * as "shared" those common to all its devices. None where that driver has not got the device.
 */
int nvidia_nodes_read(const struct host *host, const struct pci_addr *addr, struct node **nodes,
		      size_t *count, struct error *err);

/*
 * Users that the nvidia module counts besides the modules on top of it, each of which counts as
 * one: open files, and whoever else keeps it. 0 where it is not loaded.
 */
long nvidia_users(const struct host *host);
