// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which holders keep a guest from starting: one refusal for each holder and each reason. A refusal
 * names all devices that the holder keeps for that reason, so that the next start is not refused
 * because of another of them.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/planner-internal.h"

/* The guest that runs has another device of the group, whose node it has open for that. */
static bool has_the_group(const struct planner *planner, const struct holder *holder,
			  const struct verdict *verdict)
{
	return planner->guest->runs && holder->pid == planner->snapshot->own_machine &&
	       node_is_vfio(verdict->node);
}

struct verdict planner_verdict(const struct planner *planner, const struct holder *holder,
			       const struct device *device)
{
	struct device_policy policy = planner_policy(planner, device);
	struct verdict verdict = verdict_of(planner->snapshot, holder, device, &policy);

	if (verdict.action != HOLDER_LEAVE && has_the_group(planner, holder, &verdict))
		return (struct verdict){.action = HOLDER_LEAVE};
	return verdict;
}

/* node: NULL where the holder has nodes of several devices open, which are not told. */
static char *evidence_of(const struct holder *holder, const struct node *node)
{
	struct text evidence = TEXT_INIT;

	holder_format_short(holder, &evidence);
	if (node)
		text_printf(&evidence, " through /dev/%s", node->name);
	return evidence.data;
}

static void refuse_holder(struct planner *planner, const struct holder *holder,
			  const struct device *device, const struct verdict *verdict)
{
	struct refusal refusal = {.kind = REFUSAL_HOLDER,
				  .addr = device->addr,
				  .reason = verdict->reason,
				  .setting = verdict_setting(verdict),
				  .for_devices = verdict_is_for_device(verdict),
				  .evidence = evidence_of(holder, verdict->node)};
	struct text advice = TEXT_INIT;

	verdict_format_advice(verdict, holder, &advice);
	refusal.advice = advice.data;
	plan_add_refusal(planner->plan, &refusal);
}

/* Among the refusals from first on, which are all because of one holder. */
static struct refusal *find_refusal(struct plan *plan, size_t first, const struct verdict *verdict)
{
	auto_free char *setting = verdict_setting(verdict);

	for (size_t i = first; i < plan->refusal_count; i++)
		if (plan->refusals[i].reason == verdict->reason &&
		    text_equal(plan->refusals[i].setting, setting))
			return &plan->refusals[i];
	return NULL;
}

/* True where the holder keeps the guest from starting. */
static bool check_holder(struct planner *planner, const struct holder *holder)
{
	size_t first = planner->plan->refusal_count;

	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;
		struct verdict verdict = planner_verdict(planner, holder, device);
		struct refusal *refusal;

		if (verdict.action != HOLDER_REFUSE)
			continue;
		refusal = find_refusal(planner->plan, first, &verdict);
		if (!refusal) {
			refuse_holder(planner, holder, device, &verdict);
			continue;
		}
		refusal_add_device(refusal, &device->addr);
		free(refusal->evidence);
		refusal->evidence = evidence_of(holder, NULL);
	}
	return planner->plan->refusal_count > first;
}

static bool check_role(struct planner *planner, bool logind)
{
	bool refused = false;

	for (size_t i = 0; i < planner->snapshot->holder_count; i++) {
		const struct holder *holder = &planner->snapshot->holders[i];

		if ((holder->role == HOLDER_LOGIND) == logind)
			refused |= check_holder(planner, holder);
	}
	return refused;
}

/* --- what cannot be seen --- */

/* Nodes of which the kernel waits for whoever has them open. */
static bool has_binding_node(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (!snapshot->nodes[i].shared && !node_is_clock(&snapshot->nodes[i]) &&
		    pci_addr_equal(&snapshot->nodes[i].addr, addr))
			return true;
	return false;
}

/* Somebody whose descriptors are not to be seen may hold any of the nodes. */
static void check_unreadables(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	for (size_t i = 0; i < planner->taken_count && snapshot->unreadable_count > 0; i++) {
		const struct unreadable *first = &snapshot->unreadables[0];
		struct refusal refusal = {.kind = REFUSAL_UNREADABLE,
					  .addr = planner->taken[i].device->addr};

		if (!has_binding_node(snapshot, &refusal.addr))
			continue;
		refusal.evidence = xasprintf("process %d (%s)%s", (int)first->pid, first->why,
					     snapshot->unreadable_count > 1 ? " and others" : "");
		plan_add_refusal(planner->plan, &refusal);
	}
}

/* Logind holds what it has opened for a session, which is the better name for it where known. */
void planner_check_holders(struct planner *planner)
{
	if (!check_role(planner, false))
		check_role(planner, true);
	check_unreadables(planner);
}
