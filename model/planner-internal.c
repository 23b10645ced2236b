// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every part of the planner asks of the plan in the making, or adds to it.
 * Tests: model/test-survey.c, model/test-cases.c.
 */
#include "model/planner-internal.h"

#include "base/text.h"

bool planner_has_taken(const struct planner *planner, const struct device *device)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		if (planner->taken[i].device == device)
			return true;
	return false;
}

bool planner_loses(const struct planner *planner, const struct device *device)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		if (planner->taken[i].device == device)
			return !planner->taken[i].left;
	return false;
}

bool planner_is_elsewhere(const struct planner *planner, bool has_addr, const struct pci_addr *addr)
{
	return has_addr && snapshot_claim(planner->snapshot, addr, planner->guest->uuid);
}

void planner_refuse(struct planner *planner, enum refusal_kind kind, const struct pci_addr *addr,
		    const struct device *mate, const struct claim *claim)
{
	const struct device *device = snapshot_device(planner->snapshot, addr);
	struct refusal refusal = {
		.kind = kind,
		.addr = *addr,
		.group = device ? device->group : DEVICE_NO_GROUP,
	};

	if (claim)
		refusal_add_claim(&refusal, claim);

	if (mate)
		refusal.mate = mate->addr;
	plan_add_refusal(planner->plan, &refusal);
}

struct device_policy planner_policy(const struct planner *planner, const struct device *device)
{
	return policy_of_device(planner->policy, &device->addr);
}

bool taken_needs_steps(const struct taken *taken)
{
	return !taken->claim_only && !module_name_equal(taken->device->bound.driver, taken->driver);
}

void planner_add_step(struct planner *planner, enum step_kind kind, const char *target,
		      const char *before, const char *after, const char *why)
{
	struct step step = {
		.kind = kind,
		.target = xstrdup(target),
		.before = xstrdup(before),
		.after = xstrdup(after),
		.why = xstrdup(why),
	};

	plan_add_step(planner->plan, &step);
}
