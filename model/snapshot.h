/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/device.h"
#include "model/guest.h"

struct group {
	int number;
	bool noiommu; /* VFIO without an IOMMU: no protection at all */
	struct pci_addr *members;
	size_t member_count;
};

/* "This device belongs to that guest's run", from the journals. */
struct claim {
	struct pci_addr addr;
	char *guest; /* heap */
	char uuid[UUID_TEXT_SIZE];
};

/* Whether a VFIO driver could take a device now. */
struct vfio_driver {
	char *wanted;     /* heap: as the XML, modules.alias or we call it */
	char *registered; /* heap: the driver's own spelling; NULL while its module is not loaded */
};

/*
 * All that the planner may know: only the devices a guest names, their groups, and (USB 2) their
 * slot neighbours. Read once, then const.
 */
struct snapshot {
	bool iommu; /* the host has IOMMU groups at all */
	struct device *devices;
	size_t device_count;
	struct group *groups;
	size_t group_count;
	struct vfio_driver *drivers;
	size_t driver_count;
	struct claim *claims;
	size_t claim_count;
};

void snapshot_done(struct snapshot *snapshot);
#define auto_snapshot __attribute__((__cleanup__(snapshot_done)))

/* Each returns NULL when the snapshot has no such thing. */
const struct device *snapshot_device(const struct snapshot *snapshot, const struct pci_addr *addr);
const struct group *snapshot_group(const struct snapshot *snapshot, int number);
const struct vfio_driver *snapshot_vfio_driver(const struct snapshot *snapshot, const char *wanted);

/* The claim of a guest other than uuid on addr, or NULL. */
const struct claim *snapshot_claim(const struct snapshot *snapshot, const struct pci_addr *addr,
				   const char *uuid);

/*
 * The VFIO driver libvirt would choose: <driver model=>, else the best alias of modules.alias,
 * else vfio-pci (libvirt 10.0 and later, virPCIDeviceFindBestVFIOVariant). hostdev may be NULL for
 * a device that is only taken along: libvirt will not look at it, the generic driver does.
 */
const char *snapshot_wanted_driver(const struct device *device, const struct hostdev *hostdev);
