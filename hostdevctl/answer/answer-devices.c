// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The devices of an answer: those that the guest names, and those that belong to it for another
 * reason, each with the driver that it has now and the one that it would have.
 * Tests: model/test-answers.c.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"

const char *answer_device_driver(const struct answer_device *device)
{
	return device->device ? device->device->bound.driver : "";
}

char *answer_device_name(const struct answer_device *device)
{
	const struct device *known = device->device;

	if (!known)
		return xstrdup("not on this host");
	if (known->name)
		return xstrdup(known->name);
	return xasprintf("[%04x:%04x]", known->vendor, known->product);
}

/* Into what the plan's last step for it brings it; false: there is none. */
static bool find_driver_then(const struct plan *plan, const struct pci_addr *addr,
			     struct driver_value *ret)
{
	bool found = false;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_DRIVER &&
		    strcmp(plan->steps[i].target, ADDR(addr)) == 0)
			found = driver_value_parse(plan->steps[i].after, ret);
	return found;
}

/* What the guest names in its slot, or else in its group. */
static const struct pci_addr *find_tie(const struct answer *answer, const struct device *mate,
				       bool *ret_slot)
{
	const struct pci_addr *tie = NULL;

	for (size_t i = 0; i < answer->guest->hostdev_count; i++) {
		const struct pci_addr *addr = &answer->guest->hostdevs[i].addr;
		const struct device *named = snapshot_device(answer->snapshot, addr);

		if (!named || named->group != mate->group)
			continue;
		*ret_slot = pci_addr_same_slot(addr, &mate->addr);
		if (*ret_slot)
			return addr;
		if (!tie)
			tie = addr;
	}
	return tie;
}

/* What the guest would have of it if the guest named it. */
static const char *hint_for(const struct device *device)
{
	switch (device->class_code >> 8) {
	case 0x0401:
	case 0x0403:
		return "; name it in the guest as well to hear its sound there";
	case 0x0c03:
		return "; name it in the guest as well to use its USB ports there";
	default:
		return "";
	}
}

static char *why_along(const struct answer *answer, const struct answer_device *device)
{
	bool slot = false;
	const struct pci_addr *tie = find_tie(answer, device->device, &slot);
	const char *hint = device->left ? "" : hint_for(device->device);

	if (!tie)
		return NULL;
	if (slot)
		return xasprintf("same card or chip as %s%s", ADDR(tie), hint);
	return xasprintf("same IOMMU group as %s%s%s", ADDR(tie),
			 device->left ? "" : ", and group = whole is set", hint);
}

/* The driver that it would have, and whether anything is special about that. */
static void describe_then(const struct answer *answer, const struct hostdev *hostdev,
			  struct answer_device *device)
{
	const char *then = answer_device_driver(device);
	struct driver_value value;

	if (find_driver_then(answer->plan, &device->addr, &value)) {
		then = value.driver;
	} else if (hostdev && hostdev_is_claim_only(hostdev)) {
		then = snapshot_wanted_driver(device->device, hostdev);
		device->why = xstrdup("libvirt changes its driver itself");
	} else {
		device->left = !hostdev && !device_is_on_vfio(device->device);
	}
	snprintf(device->then, sizeof(device->then), "%s", then);
}

static void describe(const struct answer *answer, struct answer_device *device)
{
	const struct hostdev *hostdev = guest_hostdev(answer->guest, &device->addr);

	device->device = snapshot_device(answer->snapshot, &device->addr);
	device->named = hostdev != NULL;
	if (!device->device || answer->verdict == ANSWER_NO || answer->verdict == ANSWER_HAS)
		return;
	describe_then(answer, hostdev, device);
	if (!hostdev)
		device->why = why_along(answer, device);
}

static void add_device(struct answer *answer, const struct pci_addr *addr)
{
	struct answer_device device = {.addr = *addr};

	for (size_t i = 0; i < answer->device_count; i++)
		if (pci_addr_equal(&answer->devices[i].addr, addr))
			return;
	describe(answer, &device);
	array_push(answer->devices, answer->device_count, device);
}

void answer_add_devices(struct answer *answer)
{
	for (size_t i = 0; i < answer->guest->hostdev_count; i++)
		add_device(answer, &answer->guest->hostdevs[i].addr);
	for (size_t i = 0; answer->plan && i < answer->plan->claim_count; i++)
		add_device(answer, &answer->plan->claims[i]);
}
