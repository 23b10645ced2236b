/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/carried.h"
#include "model/node.h"

/*
 * Adds to the array (array_grow) what is reached through a Thunderbolt or USB4 controller. Nothing
 * for any other function, of which only the class is read and, for some classes, the driver's link.
 */
int carried_read(const struct host *host, const struct pci_addr *carrier, struct carried **list,
		 size_t *count, struct error *err);
void carried_free(struct carried **list, size_t *count);

/*
 * Adds the nodes of all that as nodes of the carrier (see nodes.h), but for what is plugged in by
 * USB: of that only the disks, as everybody else copes with a plug that is pulled.
 */
int carried_nodes_read(const struct host *host, const struct pci_addr *carrier, struct node **nodes,
		       size_t *count, struct error *err);
