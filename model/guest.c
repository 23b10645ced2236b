// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest as its domain XML describes it, and the rules that follow from one of its host devices.
 * Tests: unit/test-domain-devices.c.
 */
#include "model/guest.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void guest_done(struct guest *guest)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		free(guest->hostdevs[i].driver_name);
		free(guest->hostdevs[i].driver_model);
	}
	for (size_t i = 0; i < guest->policy_count; i++) {
		free(guest->policy[i].key);
		free(guest->policy[i].value);
	}
	for (size_t i = 0; i < guest->image_count; i++)
		free(guest->images[i]);
	free(guest->hostdevs);
	free(guest->has);
	free(guest->qemu_devices);
	free(guest->policy);
	free(guest->images);
	free(guest->name);
	memset(guest, 0, sizeof(*guest));
}

void guest_add_hostdev(struct guest *guest, const struct pci_addr *addr)
{
	array_push(guest->hostdevs, guest->hostdev_count,
		   (struct hostdev){.addr = *addr, .managed = true});
}

const struct hostdev *guest_hostdev(const struct guest *guest, const struct pci_addr *addr)
{
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (pci_addr_equal(&guest->hostdevs[i].addr, addr))
			return &guest->hostdevs[i];
	return NULL;
}

bool guest_has(const struct guest *guest, const struct pci_addr *addr)
{
	return pci_addr_is_among(addr, guest->has, guest->has_count);
}

const struct qemu_device *guest_qemu_device(const struct guest *guest, const struct pci_addr *addr)
{
	for (size_t i = 0; i < guest->qemu_device_count; i++)
		if (pci_addr_equal(&guest->qemu_devices[i].addr, addr))
			return &guest->qemu_devices[i];
	return NULL;
}

char *qemu_device_note(const struct qemu_device *device)
{
	return xasprintf("%s stands in <%s> (line %u of the XML), so it is not lent: name it in a "
			 "<hostdev> instead",
			 ADDR(&device->addr), device->element, device->line);
}

const char *hostdev_kind_name(enum hostdev_kind kind)
{
	static const char *const names[] = {[HOSTDEV_HOSTDEV] = "hostdev",
					    [HOSTDEV_INTERFACE] = "interface",
					    [HOSTDEV_NVME] = "nvme"};

	return names[kind];
}

bool guest_uuid_valid(const char *text)
{
	if (strlen(text) != UUID_TEXT_SIZE - 1)
		return false;
	for (int i = 0; text[i]; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

bool hostdev_is_claim_only(const struct hostdev *hostdev)
{
	return hostdev->kind == HOSTDEV_INTERFACE && hostdev->managed;
}
