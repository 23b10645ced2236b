/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Reads the guest's host devices, their IOMMU groups with all members, the USB 2 neighbours of
 * their slots, and the VFIO drivers they want; nothing else of the machine, and no attribute that
 * wakes a sleeping device (config and link attributes resume it). Claims are left empty.
 * Returns even where the kernel holds a device's lock for ever: EBUSY, naming it.
 * A device that does not exist is no error: the snapshot lacks it. *ret: snapshot_done.
 */
int pci_snapshot(const struct host *host, const struct guest *guest, struct snapshot *ret,
		 struct error *err);

/*
 * What stands at the address: ids, class and serial, and nothing else; from attributes that need
 * nobody's lock and wake nobody. ENOENT: no device is there; EIO: what it is cannot be read.
 */
int pci_identity_read(const struct host *host, const struct pci_addr *addr, struct device *ret,
		      struct error *err);

/* Does its driver_override still read as when the snapshot was made? True where it does not tell.
 */
bool pci_override_stands(const struct host *host, const struct device *device);
