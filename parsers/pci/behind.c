// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices of a snapshot bear functions that are not their own, and which are borne.
 * Tests: model/test-survey.c, unit/test-planner-refusals.c.
 */
#include "parsers/pci/behind.h"

#include "parsers/pci/place.h"
#include "scan/carried.h"

/* Nothing else has a place that belongs to another function. */
void behind_read(const struct host *host, struct device *device)
{
	struct place place;

	if (place_read(host, &place, NULL, "bus/pci/devices/%s", ADDR(&device->addr)) < 0)
		return;
	device->has_parent = place_parent(&place, &device->parent);
	if (!place.has_addr || pci_addr_equal(&place.addr, &device->addr))
		return;
	device->is_behind = true;
	device->behind = place.addr;
}

int behind_read_carried(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < snapshot->device_count; i++)
		if (device_is_thunderbolt(&snapshot->devices[i]))
			ret = carried_read(host, &snapshot->devices[i].addr, &snapshot->carried,
					   &snapshot->carried_count, err);
	return ret;
}
