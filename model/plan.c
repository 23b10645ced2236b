// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan as a container: steps in order, claims as a set, refusals once each.
 */
#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void plan_done(struct plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++)
		step_done(&plan->steps[i]);
	for (size_t i = 0; i < plan->refusal_count; i++)
		refusal_done(&plan->refusals[i]);
	for (size_t i = 0; i < plan->note_count; i++)
		free(plan->notes[i]);
	free(plan->steps);
	free(plan->notes);
	free(plan->told);
	free(plan->claims);
	free(plan->refusals);
	memset(plan, 0, sizeof(*plan));
}

bool plan_has_step(const struct plan *plan, enum step_kind kind, const char *target)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == kind && strcmp(plan->steps[i].target, target) == 0)
			return true;
	return false;
}

void plan_add_claim(struct plan *plan, const struct pci_addr *addr)
{
	size_t at = 0;

	while (at < plan->claim_count && pci_addr_compare(&plan->claims[at], addr) < 0)
		at++;
	if (at < plan->claim_count && pci_addr_equal(&plan->claims[at], addr))
		return;
	plan->claims = array_grow(plan->claims, plan->claim_count, sizeof(*plan->claims));
	memmove(&plan->claims[at + 1], &plan->claims[at],
		(plan->claim_count - at) * sizeof(*plan->claims));
	plan->claims[at] = *addr;
	plan->claim_count++;
}

void plan_add_refusal(struct plan *plan, const struct refusal *refusal)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *other = &plan->refusals[i];

		if (other->kind == refusal->kind && pci_addr_equal(&other->addr, &refusal->addr) &&
		    pci_addr_equal(&other->mate, &refusal->mate) &&
		    text_equal(other->evidence, refusal->evidence)) {
			struct refusal twin = *refusal;

			refusal_done(&twin);
			return;
		}
	}
	array_push(plan->refusals, plan->refusal_count, *refusal);
}

void plan_format_refusals(const struct plan *plan, const char *guest,
			  const struct snapshot *snapshot, struct text *out)
{
	size_t others = plan->refusal_count - 1;
	auto_free char *name = text_quote(guest);

	refusal_format(&plan->refusals[0], guest, snapshot, out);
	if (others > 0)
		text_printf(out, "And for %zu more reason%s: see \"hostdevctl plan %s%s\".\n",
			    others, others == 1 ? "" : "s", *guest == '-' ? "-- " : "", name);
	text_printf(out, "Nothing was changed.\n");
}

bool plan_tells(const struct plan *plan, const struct pci_addr *addr)
{
	return pci_addr_is_among(addr, plan->told, plan->told_count);
}

void plan_add_note(struct plan *plan, char *note)
{
	for (size_t i = 0; i < plan->note_count; i++) {
		if (strcmp(plan->notes[i], note) == 0) {
			free(note);
			return;
		}
	}
	array_push(plan->notes, plan->note_count, note);
}

void plan_format(const struct plan *plan, bool all, struct text *out)
{
	/* Who is refused wants to know of no other change. */
	for (size_t i = 0; plan->refusal_count == 0 && i < plan->note_count; i++)
		text_printf(out, "# %s\n", plan->notes[i]);
	for (size_t i = 0; i < plan->step_count; i++) {
		if (!all && !step_changes(&plan->steps[i]))
			continue;
		step_format(&plan->steps[i], out);
		text_append(out, "\n", 1);
	}
}
