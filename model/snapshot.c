// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking things up in a snapshot, and what follows from several of its parts together.
 */
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

void snapshot_done(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		device_done(&snapshot->devices[i]);
	for (size_t i = 0; i < snapshot->group_count; i++)
		free(snapshot->groups[i].members);
	for (size_t i = 0; i < snapshot->driver_count; i++) {
		free(snapshot->drivers[i].wanted);
		free(snapshot->drivers[i].registered);
	}
	for (size_t i = 0; i < snapshot->claim_count; i++)
		free(snapshot->claims[i].guest);
	free(snapshot->devices);
	free(snapshot->groups);
	free(snapshot->drivers);
	free(snapshot->claims);
	memset(snapshot, 0, sizeof(*snapshot));
}

const struct device *snapshot_device(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (pci_addr_equal(&snapshot->devices[i].addr, addr))
			return &snapshot->devices[i];
	return NULL;
}

const struct group *snapshot_group(const struct snapshot *snapshot, int number)
{
	for (size_t i = 0; i < snapshot->group_count; i++)
		if (snapshot->groups[i].number == number)
			return &snapshot->groups[i];
	return NULL;
}

const struct vfio_driver *snapshot_vfio_driver(const struct snapshot *snapshot, const char *wanted)
{
	for (size_t i = 0; i < snapshot->driver_count; i++)
		if (strcmp(snapshot->drivers[i].wanted, wanted) == 0)
			return &snapshot->drivers[i];
	return NULL;
}

const struct claim *snapshot_claim(const struct snapshot *snapshot, const struct pci_addr *addr,
				   const char *uuid)
{
	for (size_t i = 0; i < snapshot->claim_count; i++)
		if (pci_addr_equal(&snapshot->claims[i].addr, addr) &&
		    strcmp(snapshot->claims[i].uuid, uuid) != 0)
			return &snapshot->claims[i];
	return NULL;
}

const char *snapshot_wanted_driver(const struct device *device, const struct hostdev *hostdev)
{
	if (!hostdev)
		return "vfio-pci";
	if (hostdev->driver_model)
		return hostdev->driver_model;
	return device->vfio_driver ? device->vfio_driver : "vfio-pci";
}
