/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/node.h"

/*
 * Adds the nodes that NVIDIA's driver makes for a device, which sysfs does not show: those of the
 * device, and as "shared" those of all its devices. Adds none if the device has another driver.
 */
int nvidia_nodes_read(const struct host *host, const struct pci_addr *addr, struct node **nodes,
		      size_t *count, struct error *err);

/*
 * The users that the module "nvidia" counts (open files and others), without the modules that
 * depend on it, of which each counts as a user. 0: it is not loaded.
 */
long nvidia_users(const struct host *host);
