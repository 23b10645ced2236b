// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which functions are reserved together.
 */
#include "generator/reserved.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/twins.h"

void reserved_done(struct reserved *reserved)
{
	free(reserved->devices);
	memset(reserved, 0, sizeof(*reserved));
}

static int compare_devices(const void *a, const void *b)
{
	const struct device *const *one = a, *const *other = b;

	return pci_addr_compare(&(*one)->addr, &(*other)->addr);
}

void reserved_add(struct reserved *reserved, const struct device *device)
{
	array_push(reserved->devices, reserved->count, device);
	if (reserved->count > 1)
		qsort(reserved->devices, reserved->count, sizeof(const struct device *),
		      compare_devices);
}

static void add_group(const struct selection *selection, size_t place, struct reserved *reserved)
{
	const struct group *group = selection->groups[place].group;

	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->members[i]);

		if (device && selection_takes(selection, device))
			reserved_add(reserved, device);
	}
}

void reserved_of_selection(const struct selection *selection, struct reserved *ret)
{
	struct reserved reserved = {.snapshot = selection->snapshot};

	for (size_t i = 0; i < selection->group_count; i++)
		if (selection->groups[i].selected)
			add_group(selection, i, &reserved);
	*ret = reserved;
}

void reserved_of_choice(const struct selection *selection, const struct choice *choice,
			struct reserved *ret)
{
	struct reserved reserved = {.snapshot = selection->snapshot};

	for (size_t i = 0; i < choice->reserved_count; i++)
		add_group(selection, choice->reserved[i], &reserved);
	*ret = reserved;
}

bool reserved_has(const struct reserved *reserved, const struct device *device)
{
	for (size_t i = 0; i < reserved->count; i++)
		if (pci_addr_equal(&reserved->devices[i]->addr, &device->addr))
			return true;
	return false;
}

bool reserved_leaves_twin(const struct reserved *reserved, const struct device *device)
{
	for (size_t i = 0; i < reserved->snapshot->device_count; i++) {
		const struct device *other = &reserved->snapshot->devices[i];

		if (devices_are_twins(other, device) && !reserved_has(reserved, other))
			return true;
	}
	return false;
}
