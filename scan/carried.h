/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/carried.h"
#include "model/node.h"

/*
 * Adds to the array (array_grow) what is reached through a Thunderbolt or USB4 controller. For any
 * other function nothing is added; only its class is read and, for some classes, its driver's link.
 */
int carried_read(const struct host *host, const struct pci_addr *carrier, struct carried **list,
		 size_t *count, struct error *err);
void carried_free(struct carried **list, size_t *count);

/*
 * Adds the nodes of all these devices as nodes of their carriers (see nodes.h). Of USB devices only
 * the nodes of disks are added: programs cope with the loss of any other USB device.
 */
int carried_nodes(const struct host *host, const struct carried *list, size_t list_count,
		  struct node **nodes, size_t *count, struct error *err);
/* Calls the two functions above. */
int carried_nodes_read(const struct host *host, const struct pci_addr *carrier, struct node **nodes,
		       size_t *count, struct error *err);
