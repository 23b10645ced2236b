// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What several parts of the generator ask about one device of the host.
 * Tests: unit/test-selection.c.
 */
#include "generator/facts.h"

#include "model/boot-words.h"
#include "model/promise.h"

bool facts_is_foreign(const struct generate_facts *facts, const struct device *device)
{
	if (!homes_device_is_kept(device))
		return false;
	return !homes_are_ours(facts->homes, device) &&
	       !snapshot_claim(facts->snapshot, &device->addr, "") &&
	       !(facts->boot->cmdline &&
		 promise_boot_has_reserved(facts->boot->cmdline, &device->addr));
}

bool facts_is_screen(const struct generate_facts *facts, const struct device *device)
{
	return device_is_graphics(device) && device->class_code >> 8 != CLASS_3D &&
	       !device->is_vf && !facts_is_foreign(facts, device);
}
