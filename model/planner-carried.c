// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What cannot be done with a Thunderbolt controller that is taken: what is reached through it
 * vanishes, so it can be lent neither to the same guest nor to another one.
 * Tests: unit/test-planner-refusals.c, model/test-cases.c.
 */
#include "base/cleanup.h"
#include "model/planner-internal.h"

/* Nothing is known of a function that is not in the snapshot but its address. */
static void refuse_carried(struct planner *planner, const struct carried *carried,
			   const struct claim *claim)
{
	struct refusal refusal = {
		.kind = REFUSAL_CARRIED, .addr = carried->carrier, .mate = carried->addr};

	refusal_add_claim(&refusal, claim);
	plan_add_refusal(planner->plan, &refusal);
}

static void check(struct planner *planner, const struct carried *carried)
{
	const struct snapshot *snapshot = planner->snapshot;
	const struct device *carrier = snapshot_device(snapshot, &carried->carrier);
	const struct device *device = snapshot_device(snapshot, &carried->addr);
	const struct claim *claim = snapshot_claim(snapshot, &carried->addr, planner->guest->uuid);

	/* The USB controller in the same chip stays, whoever has it. */
	if (carried->kind != CARRIED_FUNCTION || !carrier || !planner_has_taken(planner, carrier))
		return;
	if (device && planner_has_taken(planner, device))
		planner_refuse(planner, REFUSAL_BEHIND, &carried->addr, carrier, NULL);
	else if (claim)
		refuse_carried(planner, carried, claim);
}

void planner_check_carried(struct planner *planner)
{
	for (size_t i = 0; i < planner->snapshot->carried_count; i++)
		check(planner, &planner->snapshot->carried[i]);
}
