/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/node.h"

/*
 * A mediated device: the driver of a function has made it, so that a guest can have it instead of
 * the function. It is gone when the function has lost that driver. Heap string.
 */
struct mediated {
	struct pci_addr addr; /* the function */
	char *name;           /* of its directory: a UUID as a rule */
};

/*
 * Adds the nodes of one PCI device to the array (array_grow): every directory with "dev" and
 * "subsystem" in its own subtree of sysfs, links not followed; what hangs elsewhere by design (the
 * disk of an NVMe multipath subsystem, nvidia's minors by /proc/driver/nvidia); the group's
 * /dev/vfio node and vfio-dev, and those of its mediated devices' groups; and as "shared" the
 * driver's common nodes (nvidiactl, nvidia-uvm, nvidia-modeset, nvidia-caps). A subtree of another
 * PCI function (behind a bridge) is not entered, but where the device itself makes the bus that it
 * is on (Intel VMD). Never touches an attribute that wakes the device or takes its lock. No nodes,
 * or no such device: no error.
 */
int nodes_read(const struct host *host, const struct pci_addr *addr, struct node **nodes,
	       size_t *count, struct error *err);
void nodes_free(struct node **nodes, size_t *count);

/*
 * The same, and the mediated devices below the function: every directory that has a type of
 * mediated devices, an IOMMU group of its own, or a VFIO device. It adds to both arrays, or to
 * none.
 */
int nodes_read_mediated(const struct host *host, const struct pci_addr *addr, struct node **nodes,
			size_t *count, struct mediated **mediated, size_t *mediated_count,
			struct error *err);
void mediated_free(struct mediated **mediated, size_t *count);
