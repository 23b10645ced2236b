// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What parts devices that share an IOMMU group: which of them can be put into another slot. Nothing
 * tells which devices are soldered to the board; but of some it is certain.
 */
#include "model/parting.h"

#include "base/text.h"

/* All functions of a card are endpoints: where a bridge is among them, it is the chipset. */
static bool is_beside_bridge(const struct snapshot *snapshot, const struct device *device)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (snapshot->devices[i].is_bridge &&
		    pci_addr_same_slot(&snapshot->devices[i].addr, &device->addr))
			return true;
	return false;
}

/* Is the device a part of the processor or the board, so that no other slot can take it? */
static bool parting_is_fixed(const struct snapshot *snapshot, const struct device *device)
{
	return device->on_board || !device->has_parent || is_beside_bridge(snapshot, device);
}

/* Devices of other classes may be a part of the board. */
static bool is_card(const struct device *device)
{
	unsigned int base = device->class_code >> 16;

	return base == 0x03 || base == 0x12 || device->class_code >> 8 == 0x0108;
}

static bool can_move_all(const struct snapshot *snapshot, const struct pci_addr *addrs,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct device *device = snapshot_device(snapshot, &addrs[i]);

		if (!device || parting_is_fixed(snapshot, device))
			return false;
	}
	return count > 0;
}

char *parting_by_slot(const struct snapshot *snapshot, const struct pci_addr *addr,
		      const struct pci_addr *mates, size_t mate_count)
{
	const struct device *device = snapshot_device(snapshot, addr);

	if (device && !parting_is_fixed(snapshot, device))
		return xstrdup(is_card(device) ? "Put the card into another slot"
					       : "Put it into another slot, if it is a card");
	if (!can_move_all(snapshot, mates, mate_count))
		return NULL;
	if (mate_count == 1)
		return xasprintf("Put %s into another slot", ADDR(&mates[0]));
	if (mate_count == 2)
		return xasprintf("Put %s and %s into other slots", ADDR(&mates[0]),
				 ADDR(&mates[1]));
	return xasprintf("Put %s and the other %zu into other slots", ADDR(&mates[0]),
			 mate_count - 1);
}
