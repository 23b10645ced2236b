// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which ways into the host are left when devices are reserved. A way may go over a USB controller,
 * and a network card may be no way at all.
 */
#include "generator/way-in.h"

#include "generator/going.h"

static bool has_part(const struct outlet *outlet, const struct pci_addr *addr)
{
	for (size_t i = 0; i < outlet->part_count; i++)
		if (pci_addr_equal(&outlet->parts[i].addr, addr))
			return true;
	return false;
}

/* It has interfaces, and none of them has a link. */
static bool has_no_link(const struct links *links, const struct device *device)
{
	bool dead = false;

	for (size_t i = 0; links && i < links->count; i++) {
		const struct link *link = &links->all[i];

		if (!link->has_addr || !pci_addr_equal(&link->function, &device->addr))
			continue;
		if (!link->dead)
			return false;
		dead = true;
	}
	return dead;
}

static bool is_wireless(const struct links *links, const struct device *device)
{
	for (size_t i = 0; links && i < links->count; i++)
		if (links->all[i].wireless && links->all[i].has_addr &&
		    pci_addr_equal(&links->all[i].function, &device->addr))
			return true;
	return false;
}

/* It has a default route, and each that it has is without a link, which a cable would bring. */
static bool is_dead(const struct selection *selection, const struct device *device)
{
	const struct snapshot *snapshot = selection->snapshot;
	bool dead = false;

	if (is_wireless(selection->facts->links, device))
		return false;

	for (size_t i = 0; i < snapshot->outlet_count; i++) {
		const struct outlet *outlet = &snapshot->outlets[i];

		if (has_part(outlet, &device->addr) && !outlet->dead)
			return false;
		dead |= has_part(outlet, &device->addr);
	}
	return dead;
}

static bool is_network(const struct generate_facts *facts, const struct device *device)
{
	return device->class_code >> 16 == 0x02 && *device->bound.driver &&
	       !facts_is_foreign(facts, device);
}

bool way_in_is_link(const struct link *link)
{
	return link->alive && link->routed;
}

bool way_in_remains(const struct selection *selection, const struct group *group)
{
	const struct snapshot *snapshot = selection->snapshot;
	const struct links *links = selection->facts->links;
	const struct going going = {selection, group};

	for (size_t i = 0; links && i < links->count; i++)
		if (way_in_is_link(&links->all[i]) &&
		    !(links->all[i].has_addr && going_has(&going, &links->all[i].addr)))
			return true;
	for (size_t i = 0; i < snapshot->outlet_count; i++) {
		const struct outlet *outlet = &snapshot->outlets[i];

		if (outlet->general && !outlet->dead && !outlet_ends(outlet, going_has, &going))
			return true;
	}
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (is_network(selection->facts, device) && !going_has(&going, &device->addr) &&
		    !is_dead(selection, device) && !has_no_link(links, device))
			return true;
	}
	return false;
}

bool way_in_remains_for(const struct selection *selection, const struct group *group,
			const struct use *use)
{
	const struct going going = {selection, group};

	for (size_t i = 0; i < use->way_count; i++)
		if (!outlet_ends(&use->ways[i], going_has, &going))
			return true;
	return false;
}
