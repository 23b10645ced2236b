// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which functions the host loses with others: the virtual ones with theirs, what is behind a volume
 * management device, and what is in a Thunderbolt box.
 * Tests: unit/test-way-in.c, unit/test-obstacle.c.
 */
#include "generator/going.h"

static bool group_goes(const struct going *going, int number)
{
	const struct selection *selection = going->selection;

	if (number == going->group->number)
		return true;
	for (size_t i = 0; i < selection->group_count; i++)
		if (selection->groups[i].group->number == number)
			return selection->groups[i].selected && !selection->groups[i].stays;
	return false;
}

/* The function without whose driver this one is not there; NULL: none. */
static const struct pci_addr *owner_of(const struct snapshot *snapshot, const struct device *device)
{
	const struct carried *carried = snapshot_carried(snapshot, &device->addr);

	if (device->is_vf)
		return &device->physfn;
	if (device->is_behind)
		return &device->behind;
	return carried ? &carried->carrier : NULL;
}

#define OWNERS 4 /* a VF behind a volume management device, in a Thunderbolt box */

bool going_has(const void *data, const struct pci_addr *addr)
{
	const struct going *going = data;

	for (int i = 0; addr && i < OWNERS; i++) {
		const struct snapshot *snapshot = going->selection->snapshot;
		const struct device *device = snapshot_device(snapshot, addr);

		if (!device)
			return false;
		if (group_goes(going, device->group))
			return true;
		addr = owner_of(snapshot, device);
	}
	return false;
}

bool going_needs(const struct snapshot *snapshot, const struct pci_addr *addr,
		 const struct device *device)
{
	for (int i = 0; addr && i < OWNERS; i++) {
		const struct device *other = snapshot_device(snapshot, addr);

		if (pci_addr_equal(addr, &device->addr))
			return true;
		addr = other ? owner_of(snapshot, other) : NULL;
	}
	return false;
}
