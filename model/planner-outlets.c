// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the host would be cut off: not by each default route that goes, only by the last one of
 * its protocol. All devices of the guest count together.
 * Tests: model/test-survey.c, unit/test-outlets.c.
 */
#include "model/planner-internal.h"

#include "base/text.h"

static bool is_gone(const void *data, const struct pci_addr *addr)
{
	const struct planner *planner = data;

	return planner_taken(planner, addr) || planner_is_elsewhere(planner, true, addr);
}

/*
 * A way that stays and takes whatever the host sends. One that a rule of policy routing keeps for
 * some packets, or that is dead, is of no help.
 */
static const struct outlet *find_other(const struct planner *planner, const struct outlet *lost)
{
	const struct snapshot *snapshot = planner->snapshot;

	for (size_t i = 0; i < snapshot->outlet_count; i++) {
		const struct outlet *outlet = &snapshot->outlets[i];

		if (outlet->v4 == lost->v4 && outlet->general && !outlet->dead &&
		    !outlet_ends(outlet, is_gone, planner))
			return outlet;
	}
	return NULL;
}

bool planner_is_cut_off(struct planner *planner, const struct use *use)
{
	const struct outlet *outlet, *other;

	if (use->outlet == 0)
		return true;
	outlet = &planner->snapshot->outlets[use->outlet - 1];
	if (!outlet_ends(outlet, is_gone, planner))
		return false;
	other = find_other(planner, outlet);
	if (other)
		plan_add_note(planner->plan,
			      xasprintf("the default route of %s by %s ends, the one by %s stays",
					outlet->v4 ? "IPv4" : "IPv6", outlet->name, other->name));
	return !other;
}
