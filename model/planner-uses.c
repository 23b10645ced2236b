// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host itself needs a taken device for, and what stands at its address: reasons to refuse
 * that no process has a part in.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "model/planner-internal.h"

void planner_refuse_use(struct planner *planner, const struct device *device, enum use_kind kind,
			char *evidence)
{
	struct refusal refusal = {
		.kind = REFUSAL_USE, .addr = device->addr, .use = kind, .evidence = evidence};

	plan_add_refusal(planner->plan, &refusal);
}

bool planner_lifts(const struct planner *planner, const struct device *device, enum use_kind kind)
{
	struct device_policy policy = planner_policy(planner, device);

	return use_allow_name(kind) && (policy.allow & 1u << kind);
}

char *planner_use_text(const struct use *use)
{
	auto_free char *text =
		xasprintf("%s%s%s%s", use->what ? use->what : "", use->what && use->how ? " " : "",
			  use_is_storage(use->kind) ? "is " : "", use->how ? use->how : "");

	return text_escape(text);
}

static void check_use(struct planner *planner, const struct device *device, const struct use *use)
{
	if (!pci_addr_equal(&use->addr, &device->addr) || planner_lifts(planner, device, use->kind))
		return;
	if (use->kind != USE_DEFAULT_ROUTE || planner_is_cut_off(planner, use))
		planner_refuse_use(planner, device, use->kind, planner_use_text(use));
	else
		array_push(planner->plan->told, planner->plan->told_count, use->addr);
}

void planner_check_uses(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;

		if (planner->taken[i].left)
			continue;
		for (size_t u = 0; u < planner->snapshot->use_count; u++)
			check_use(planner, device, &planner->snapshot->uses[u]);
		planner_check_logins(planner, device);
	}
	planner_check_keyboards(planner);
}

void planner_check_pins(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;
		const struct pin *pin = pins_find(&planner->snapshot->pins, &device->addr);
		struct refusal refusal = {.kind = REFUSAL_IDENTITY, .addr = device->addr};

		if (pin && !pin_matches(pin, device))
			plan_add_refusal(planner->plan, &refusal);
	}
}
