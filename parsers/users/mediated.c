// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host loses with a function that is shared as mediated devices: all of them end with the
 * function's driver, those that a guest has and those that nobody uses yet.
 * Tests: model/test-survey.c, model/test-cases.c.
 */
#include "parsers/users/mediated.h"

#include <string.h>

#include "base/text.h"

static bool is_of(const struct mediated *mediated, const struct device *device)
{
	return pci_addr_equal(&mediated->addr, &device->addr);
}

/* name: that of one of them, whose length is a line's half. */
static void add_use(struct snapshot *snapshot, const struct device *device, const char *name,
		    size_t count)
{
	char *what;

	if (count == 1)
		what = xasprintf("mediated device %s", name);
	else
		what = xasprintf("mediated devices %s and %zu more", name, count - 1);
	snapshot_add_use(snapshot, USE_MEDIATED, &device->addr, what,
			 xasprintf("%s made of it", count == 1 ? "is" : "are"));
}

void mediated_add(struct snapshot *snapshot, const struct mediated *mediated, size_t count)
{
	for (size_t d = 0; d < snapshot->device_count; d++) {
		const struct device *device = &snapshot->devices[d];
		const char *first = NULL;
		size_t found = 0;

		for (size_t i = 0; i < count; i++) {
			if (!is_of(&mediated[i], device))
				continue;
			if (!first || strcmp(mediated[i].name, first) < 0)
				first = mediated[i].name;
			found++;
		}
		if (found > 0)
			add_use(snapshot, device, first, found);
	}
}
