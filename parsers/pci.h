/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Reads the guest's host devices, their IOMMU groups with all members, the USB 2 neighbours of
 * their slots, and the VFIO drivers they want; nothing else of the machine, and no attribute that
 * wakes a sleeping device (config and link attributes resume it). Claims are left empty.
 * A device that does not exist is no error: the snapshot lacks it. *ret: snapshot_done.
 */
int pci_snapshot(const struct host *host, const struct guest *guest, struct snapshot *ret,
		 struct error *err);

/* Reads one function. ENOENT when there is no such device. Release with device_done. */
int pci_read_device(const struct host *host, const struct pci_addr *addr, struct device *ret,
		    struct error *err);
