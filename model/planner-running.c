// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that runs already: what it has is what it was lent, and there is nothing to plan.
 * Tests: unit/test-planner-uses.c, model/test-cases.c.
 */
#include "base/cleanup.h"
#include "model/planner-internal.h"

static void list_devices(const struct planner *planner, struct text *out)
{
	const struct guest *guest = planner->guest;

	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct device *device =
			snapshot_device(planner->snapshot, &guest->hostdevs[i].addr);

		if (device)
			text_printf(out, "%s%s (driver %s)", out->length > 0 ? ", " : "",
				    LABEL(device),
				    *device->bound.driver ? device->bound.driver : "none");
	}
}

bool planner_check_running(struct planner *planner)
{
	struct refusal refusal = {.kind = REFUSAL_RUNNING};
	struct text devices = TEXT_INIT;

	if (!planner->snapshot->own_machine || planner->guest->runs)
		return false;
	refusal.addr = planner->guest->hostdevs[0].addr;
	text_append(&devices, "", 0);
	list_devices(planner, &devices);
	refusal.evidence = devices.data;
	plan_add_refusal(planner->plan, &refusal);
	return true;
}
