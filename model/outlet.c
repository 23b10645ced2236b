// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a way out of the host has ended: with one device, with any of several, or with the last port
 * of a bond. Tests: unit/test-outlets.c.
 */
#include "model/outlet.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void outlet_done(struct outlet *outlet)
{
	free(outlet->name);
	free(outlet->parts);
	memset(outlet, 0, sizeof(*outlet));
}

bool outlet_ends(const struct outlet *outlet,
		 bool (*is_gone)(const void *data, const struct pci_addr *addr), const void *data)
{
	for (size_t i = 0; i < outlet->part_count; i++) {
		bool ends = true;

		for (size_t k = 0; ends && k < outlet->part_count; k++)
			ends = outlet->parts[k].set != outlet->parts[i].set ||
			       is_gone(data, &outlet->parts[k].addr);
		if (ends)
			return true;
	}
	return false;
}
