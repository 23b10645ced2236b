// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking things up in a snapshot, and what follows from several of its parts together.
 * Tests: unit/test-pci.c, unit/test-planner-uses.c.
 */
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void done_devices(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		device_done(&snapshot->devices[i]);
	for (size_t i = 0; i < snapshot->group_count; i++)
		free(snapshot->groups[i].members);
	for (size_t i = 0; i < snapshot->driver_count; i++) {
		free(snapshot->drivers[i].wanted);
		free(snapshot->drivers[i].registered);
	}
	for (size_t i = 0; i < snapshot->carried_count; i++)
		free(snapshot->carried[i].directory);
	free(snapshot->carried);
	free(snapshot->devices);
	free(snapshot->groups);
	free(snapshot->drivers);
	snapshot_forget_journals(snapshot);
	pins_done(&snapshot->pins);
	for (size_t i = 0; i < snapshot->absence_count; i++) {
		free(snapshot->absences[i].evidence);
		free(snapshot->absences[i].advice);
	}
	free(snapshot->absences);
	free(snapshot->iommu_advice);
	free(snapshot->kernel);
	loan_done(&snapshot->loan);
}

static void done_holders(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		node_done(&snapshot->nodes[i]);
	for (size_t i = 0; i < snapshot->holder_count; i++)
		holder_done(&snapshot->holders[i]);
	for (size_t i = 0; i < snapshot->unreadable_count; i++)
		free(snapshot->unreadables[i].why);
	for (size_t i = 0; i < snapshot->unit_count; i++)
		unit_done(&snapshot->units[i]);
	free(snapshot->nodes);
	free(snapshot->holders);
	free(snapshot->unreadables);
	free(snapshot->units);
	free(snapshot->display_manager);
}

static void done_uses(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->use_count; i++)
		use_done(&snapshot->uses[i]);
	for (size_t i = 0; i < snapshot->outlet_count; i++)
		outlet_done(&snapshot->outlets[i]);
	for (size_t i = 0; i < snapshot->framebuffer_count; i++) {
		free(snapshot->framebuffers[i].name);
		free(snapshot->framebuffers[i].platform);
		free(snapshot->framebuffers[i].driver);
	}
	for (size_t i = 0; i < snapshot->vtconsole_count; i++)
		free(snapshot->vtconsoles[i].name);
	for (size_t i = 0; i < snapshot->keyboard_count; i++)
		free(snapshot->keyboards[i].name);
	for (size_t i = 0; i < snapshot->login_count; i++) {
		free(snapshot->logins[i].who);
		free(snapshot->logins[i].where);
		free(snapshot->logins[i].session);
	}
	for (size_t i = 0; i < snapshot->udev_device_count; i++) {
		free(snapshot->udev_devices[i].id);
		free(snapshot->udev_devices[i].subsystem);
	}
	free(snapshot->uses);
	free(snapshot->outlets);
	free(snapshot->framebuffers);
	free(snapshot->vtconsoles);
	free(snapshot->keyboards);
	free(snapshot->logins);
	free(snapshot->udev_devices);
}

static void held_done(struct shared_cell *held)
{
	text_free_list(held->drivers);
	free(held->guest);
	step_done(&held->step);
}

void snapshot_forget_journals(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->claim_count; i++)
		free(snapshot->claims[i].guest);
	free(snapshot->claims);
	snapshot->claims = NULL;
	snapshot->claim_count = 0;
	for (size_t i = 0; i < snapshot->shared_cell_count; i++)
		held_done(&snapshot->shared_cells[i]);
	free(snapshot->shared_cells);
	snapshot->shared_cells = NULL;
	snapshot->shared_cell_count = 0;
}

void snapshot_done(struct snapshot *snapshot)
{
	done_devices(snapshot);
	done_holders(snapshot);
	done_uses(snapshot);
	memset(snapshot, 0, sizeof(*snapshot));
}

void snapshot_add_use(struct snapshot *snapshot, enum use_kind kind, const struct pci_addr *addr,
		      char *what, char *how)
{
	array_push(snapshot->uses, snapshot->use_count,
		   (struct use){.kind = kind, .addr = *addr, .what = what, .how = how});
}

const struct unit *snapshot_unit(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->unit_count; i++)
		if (strcmp(snapshot->units[i].name, name) == 0)
			return &snapshot->units[i];
	return NULL;
}

static int compare_device(const void *addr, const void *device)
{
	return pci_addr_compare(addr, &((const struct device *)device)->addr);
}

const struct device *snapshot_device(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	if (snapshot->sorted && snapshot->device_count > 0)
		return bsearch(addr, snapshot->devices, snapshot->device_count,
			       sizeof(*snapshot->devices), compare_device);
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (pci_addr_equal(&snapshot->devices[i].addr, addr))
			return &snapshot->devices[i];
	return NULL;
}

static int compare_group(const void *number, const void *group)
{
	int a = *(const int *)number, b = ((const struct group *)group)->number;

	return (a > b) - (a < b);
}

const struct group *snapshot_group(const struct snapshot *snapshot, int number)
{
	if (snapshot->sorted && snapshot->group_count > 0)
		return bsearch(&number, snapshot->groups, snapshot->group_count,
			       sizeof(*snapshot->groups), compare_group);
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

bool snapshot_holds(const struct snapshot *snapshot, const struct holder *holder,
		    const struct pci_addr *addr)
{
	for (size_t i = 0; i < holder->hold_count; i++) {
		const struct node *node = &snapshot->nodes[holder->holds[i].node];

		if (!node->shared && pci_addr_equal(&node->addr, addr))
			return true;
	}
	return false;
}

const struct absence *snapshot_absence(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	for (size_t i = 0; i < snapshot->absence_count; i++)
		if (pci_addr_equal(&snapshot->absences[i].addr, addr))
			return &snapshot->absences[i];
	return NULL;
}

const struct device *snapshot_parent(const struct snapshot *snapshot, const struct device *device)
{
	if (device->is_vf)
		return snapshot_device(snapshot, &device->physfn);
	return device->has_parent ? snapshot_device(snapshot, &device->parent) : NULL;
}

const struct carried *snapshot_carried(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	for (size_t i = 0; i < snapshot->carried_count; i++)
		if (snapshot->carried[i].kind != CARRIED_USB &&
		    pci_addr_equal(&snapshot->carried[i].addr, addr))
			return &snapshot->carried[i];
	return NULL;
}

const struct pci_addr *snapshot_graphics(const struct snapshot *snapshot,
					 const struct device *device)
{
	if (device_is_graphics(device))
		return &device->addr;
	for (size_t i = 0; i < snapshot->carried_count; i++)
		if (snapshot->carried[i].kind == CARRIED_FUNCTION &&
		    snapshot->carried[i].class_code >> 16 == 0x03 &&
		    pci_addr_equal(&snapshot->carried[i].carrier, &device->addr))
			return &snapshot->carried[i].addr;
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

bool claim_is_of_nobody(const struct claim *claim)
{
	return claim->by_hand && strcmp(claim->guest, GUEST_NOBODY) == 0;
}

const char *snapshot_wanted_driver(const struct device *device, const struct hostdev *hostdev)
{
	if (!hostdev)
		return "vfio-pci";
	if (hostdev->driver_model)
		return hostdev->driver_model;
	if (device_is_on_vfio(device) &&
	    (!hostdev->managed || !device_driver_is_vfio(device->bound.driver)))
		return device->bound.driver;
	return device->vfio_driver ? device->vfio_driver : "vfio-pci";
}
