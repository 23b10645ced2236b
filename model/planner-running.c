// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that runs already: what it has is what it was lent, and there is nothing to plan.
 * Tests: unit/test-planner-uses.c, model/test-cases.c.
 */
#include "base/cleanup.h"
#include "model/planner-internal.h"

/* Heap. */
static char *list_devices(const struct planner *planner)
{
	const struct guest *guest = planner->guest;
	auto_text struct text out = TEXT_INIT;

	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct device *device =
			snapshot_device(planner->snapshot, &guest->hostdevs[i].addr);

		if (device)
			text_printf(&out, "%s%s (driver %s)", out.length > 0 ? ", " : "",
				    LABEL(device),
				    *device->bound.driver ? device->bound.driver : "none");
	}
	return text_steal(&out);
}

bool planner_check_running(struct planner *planner)
{
	struct refusal refusal = {.kind = REFUSAL_RUNNING};

	if (!planner->snapshot->own_machine || planner->guest->runs)
		return false;
	refusal.addr = planner->guest->hostdevs[0].addr;
	refusal.evidence = list_devices(planner);
	plan_add_refusal(planner->plan, &refusal);
	return true;
}
