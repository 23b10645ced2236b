/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Reads the guest's host devices, their IOMMU groups with all members, the USB 2 neighbours in
 * their slots, and the VFIO drivers that they need. It reads no attribute that wakes a sleeping
 * device (the config and link attributes do). It does not read the claims. EBUSY: the kernel keeps
 * the lock of a device, which err names. A device that does not exist is no error: the snapshot
 * does not have it. *ret: snapshot_done.
 */
int pci_snapshot(const struct host *host, const struct guest *guest, struct snapshot *ret,
		 struct error *err);

/*
 * Reads which device is at the address: its ids, class and serial number. It takes no lock and
 * wakes no device. ENOENT: no device is there; EIO: its ids cannot be read.
 */
int pci_identity_read(const struct host *host, const struct pci_addr *addr, struct device *ret,
		      struct error *err);

/* Is the device's driver_override still as in the snapshot? True if it cannot be read. */
bool pci_override_stands(const struct host *host, const struct device *device);
