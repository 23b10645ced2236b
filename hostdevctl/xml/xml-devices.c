// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices "hostdevctl xml" names, and what its user should know of what is named and of what
 * is not. Why a start would be refused in full "hostdevctl plan" tells. Tests: ctl/xml.bats.
 */
#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/xml/xml.h"

static void add_device(struct reserved *devices, const struct device *device)
{
	if (!reserved_has(devices, device))
		reserved_add(devices, device);
}

/* --- which --- */

static bool can_be_named(const struct device *device)
{
	return !device->is_bridge && !device_is_chipset_bridge(device) && !device->is_behind;
}

static void tell_why_not(const struct device *device)
{
	if (device->is_behind)
		command_note("%s is behind the volume management device %s and cannot be a "
			     "guest's. Name that device instead",
			     LABEL(device), ADDR(&device->behind));
	else
		command_note("%s is a bridge and cannot be a guest's. Name the devices behind it "
			     "instead",
			     LABEL(device));
}

static void add_group(const struct snapshot *snapshot, int number, struct reserved *devices)
{
	const struct group *group = snapshot_group(snapshot, number);

	for (size_t i = 0; group && i < group->member_count; i++) {
		const struct device *device = snapshot_device(snapshot, &group->members[i]);

		if (device && can_be_named(device))
			add_device(devices, device);
	}
}

int xml_devices_choose(const struct xml_options *options, const struct snapshot *snapshot,
		       struct reserved *ret)
{
	auto_reserved struct reserved devices = {.snapshot = snapshot};
	int status = COMMAND_DONE;

	for (size_t i = 0; i < options->guest.hostdev_count; i++) {
		const struct pci_addr *addr = &options->guest.hostdevs[i].addr;
		const struct device *device = snapshot_device(snapshot, addr);

		if (device && can_be_named(device)) {
			add_device(&devices, device);
			if (options->group)
				add_group(snapshot, device->group, &devices);
			continue;
		}
		status = COMMAND_FAILED;
		if (device)
			tell_why_not(device);
	}
	if (status != COMMAND_DONE)
		return status;
	*ret = devices;
	devices = (struct reserved){0};
	return COMMAND_DONE;
}

/* --- what else to know --- */

/* The first named device of the group. */
static const struct device *first_of_group(const struct reserved *devices, int number)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->devices[i]->group == number)
			return devices->devices[i];
	return NULL;
}

/* A named device of the same group and slot: where it goes, the other goes along. */
static const struct device *sibling_of(const struct reserved *devices, const struct device *mate)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->devices[i]->group == mate->group &&
		    pci_addr_same_slot(&devices->devices[i]->addr, &mate->addr))
			return devices->devices[i];
	return NULL;
}

static void warn_of_other(const struct xml_options *options, const struct device *named,
			  const struct device *mate)
{
	const char *driver = mate->bound.driver;

	if (options->wishes.as_qemu)
		command_note("IOMMU group %d of %s has %s, too: QEMU does not start while the "
			     "driver %s has that device. --group names it as well",
			     named->group, ADDR(&named->addr), LABEL(mate), driver);
	else if (!can_be_named(mate))
		command_note(
			"IOMMU group %d of %s has %s, too, which is the host's own: \"hostdevctl "
			"plan\" tells what stands in the way of a start",
			named->group, ADDR(&named->addr), LABEL(mate));
	else if (options->whole_group)
		command_note("IOMMU group %d of %s has %s, too: by group=whole that device is lent "
			     "as well, and the guest does not see it. --group names it",
			     named->group, ADDR(&named->addr), LABEL(mate));
	else
		command_note(
			"IOMMU group %d of %s has %s, too: while the driver %s has that device, "
			"the guest does not start. --group names it as well; --policy "
			"group=whole lends it without naming it",
			named->group, ADDR(&named->addr), LABEL(mate), driver);
}

static void warn_of_mate(const struct xml_options *options, const struct reserved *devices,
			 const struct device *named, const struct device *mate)
{
	const struct device *sibling = sibling_of(devices, mate);

	/* What no driver of the host works with is in nobody's way. */
	if (reserved_has(devices, mate) || mate->is_bridge || mate->is_behind ||
	    device_is_idle(mate))
		return;
	if (sibling && !options->wishes.as_qemu && can_be_named(mate))
		command_note("%s is in the slot and the IOMMU group of %s: it leaves the host as "
			     "well, and the guest does not see it. --group names it",
			     LABEL(mate), ADDR(&sibling->addr));
	else
		warn_of_other(options, named, mate);
}

void xml_devices_warn(const struct xml_options *options, const struct snapshot *snapshot,
		      const struct reserved *devices)
{
	for (size_t i = 0; i < devices->count; i++) {
		const struct device *named = devices->devices[i];
		const struct group *group = snapshot_group(snapshot, named->group);

		if (!group)
			command_note("%s is in no IOMMU group: no guest that has it starts before "
				     "the IOMMU is on. \"hostdevctl check\" tells how",
				     LABEL(named));
		if (!group || first_of_group(devices, named->group) != named)
			continue;
		for (size_t m = 0; m < group->member_count; m++) {
			const struct device *mate = snapshot_device(snapshot, &group->members[m]);

			if (mate)
				warn_of_mate(options, devices, named, mate);
		}
	}
}
