// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the reasons that the checks found to what people are told: one refusal per cause, those of
 * devices that the guest names before those of what would only go along.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner-internal.h"

/* --- ties --- */

static bool is_about_taken(enum refusal_kind kind)
{
	return kind == REFUSAL_USE || kind == REFUSAL_HOLDER || kind == REFUSAL_UNREADABLE ||
	       kind == REFUSAL_IDENTITY;
}

static void tie(const struct planner *planner, struct refusal *refusal)
{
	const struct taken *taken = planner_taken(planner, &refusal->addr);

	if (!taken || !taken->tied_to || !is_about_taken(refusal->kind))
		return;
	refusal->tie = taken->tie;
	refusal->named = taken->tied_to->addr;
	refusal->group = taken->device->group;
}

/* --- joining --- */

static void add_mate(struct refusal *refusal, const struct pci_addr *mate)
{
	if (!pci_addr_equal(&refusal->mate, mate) &&
	    !pci_addr_is_among(mate, refusal->more_mates, refusal->more_mate_count))
		array_push(refusal->more_mates, refusal->more_mate_count, *mate);
}

/* What stands on a disk is used by whatever is mounted on top of it: the one follows from the
 * other. */
static bool follows_from_other(enum use_kind kind)
{
	return kind == USE_STACKED || kind == USE_CLAIMED || kind == USE_MEMBER;
}

static bool is_same_use(const struct refusal *a, const struct refusal *b)
{
	/* One setting of the host's, whatever the device. */
	if (a->use == USE_HUNG_TASK && b->use == USE_HUNG_TASK)
		return true;
	/* However many functions of a slot the board needs, what is named cannot go without them.
	 */
	if (refusal_goes_only_together(a) && refusal_goes_only_together(b))
		return pci_addr_same_slot(&a->addr, &b->addr);
	return pci_addr_equal(&a->addr, &b->addr) &&
	       (a->use == b->use || (use_is_storage(a->use) && use_is_storage(b->use)));
}

/* Who has a mediated device open is the reason why it cannot go, not one beside it. */
static bool is_of_mediated(const struct refusal *mediated, const struct refusal *holder)
{
	return mediated->kind == REFUSAL_USE && mediated->use == USE_MEDIATED &&
	       holder->kind == REFUSAL_HOLDER &&
	       (holder->reason == REASON_GUEST || holder->reason == REASON_VFIO) &&
	       pci_addr_equal(&mediated->addr, &holder->addr);
}

/* To stop it is one thing to do, whichever of its programs have the devices open. */
static bool is_same_container(const struct refusal *a, const struct refusal *b)
{
	return a->reason == REASON_CONTAINER && text_equal(a->advice, b->advice);
}

static bool is_same_cause(const struct refusal *a, const struct refusal *b)
{
	if (is_of_mediated(a, b))
		return true;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case REFUSAL_GROUP_CLAIMED:
		return a->group == b->group && text_equal(a->guest, b->guest);
	case REFUSAL_MATE:
	case REFUSAL_MATE_PF:
	case REFUSAL_MATE_CHIPSET:
		return a->group == b->group;
	case REFUSAL_COMPANION:
		return pci_addr_same_slot(&a->addr, &b->addr);
	case REFUSAL_USE:
		return is_same_use(a, b);
	case REFUSAL_HOLDER:
		return a->reason == b->reason && text_equal(a->setting, b->setting) &&
		       (pci_addr_same_slot(&a->addr, &b->addr) || is_same_container(a, b));
	case REFUSAL_UNREADABLE:
		return true;
	default:
		return false;
	}
}

static void swap(struct refusal *a, struct refusal *b)
{
	struct refusal other = *a;

	*a = *b;
	*b = other;
}

static void join_mediated(struct refusal *mediated, struct refusal *holder)
{
	if (!mediated->advice)
		mediated->advice = xasprintf("Stop what uses it, %s, and then the mediated device "
					     "itself (mdevctl stop -u UUID)",
					     holder->evidence);
	refusal_done(holder);
}

static void add_devices(struct refusal *to, const struct refusal *from)
{
	refusal_add_device(to, &from->addr);
	for (size_t i = 0; i < from->more_addr_count; i++)
		refusal_add_device(to, &from->more_addrs[i]);
}

static bool is_graver(const struct refusal *a, const struct refusal *b)
{
	return use_rank(a->use, a->evidence) < use_rank(b->use, b->evidence);
}

/* *from is used up. The gravest use of a disk speaks for all of them. */
static void join(struct refusal *to, struct refusal *from)
{
	if (is_of_mediated(to, from)) {
		join_mediated(to, from);
		return;
	}
	if (to->kind == REFUSAL_USE && is_graver(from, to))
		swap(to, from);
	/* What it was joined with before the other one came to speak for it. */
	to->more += from->more;
	if (to->kind == REFUSAL_HOLDER ||
	    (to->kind == REFUSAL_USE && to->use != USE_HUNG_TASK &&
	     (to->use == from->use || !follows_from_other(from->use))))
		to->more++;
	else if (to->kind != REFUSAL_USE && to->kind != REFUSAL_UNREADABLE)
		add_mate(to, &from->mate);
	if (to->kind == REFUSAL_HOLDER)
		add_devices(to, from);
	refusal_done(from);
}

static void join_causes(struct plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->refusal_count; i++) {
		size_t first = 0;

		while (first < count && !is_same_cause(&plan->refusals[first], &plan->refusals[i]))
			first++;
		if (first < count)
			join(&plan->refusals[first], &plan->refusals[i]);
		else if (count++ != i)
			plan->refusals[first] = plan->refusals[i];
	}
	plan->refusal_count = count;
}

/*
 * What the guest names comes first. What a board needs and no setting parts from it comes before
 * the other mates, as nothing else would help.
 */
static int rank_of(const struct refusal *refusal)
{
	switch (refusal->kind) {
	case REFUSAL_GROUP_CLAIMED:
	case REFUSAL_MATE:
	case REFUSAL_MATE_PF:
	case REFUSAL_MATE_CHIPSET:
		return 2;
	default:
		if (refusal->tie == TIE_NONE)
			return 0;
		return refusal_goes_only_together(refusal) ? 1 : 3;
	}
}

/* Stable. */
static void put_named_first(struct plan *plan)
{
	auto_free struct refusal *sorted = xcalloc(plan->refusal_count, sizeof(*sorted));
	size_t count = 0;

	for (int rank = 0; rank <= 3; rank++)
		for (size_t i = 0; i < plan->refusal_count; i++)
			if (rank_of(&plan->refusals[i]) == rank)
				sorted[count++] = plan->refusals[i];
	memcpy(plan->refusals, sorted, count * sizeof(*sorted));
}

/* --- mates that cannot be named either --- */

static bool is_use_of(const struct planner *planner, const struct use *use,
		      const struct device *device)
{
	return pci_addr_equal(&use->addr, &device->addr) && use->kind != USE_HUNG_TASK &&
	       !planner_lifts(planner, device, use->kind);
}

/* The gravest one, and how many others; NULL: the host does nothing with it that forbids it. */
static const struct use *use_of(const struct planner *planner, const struct pci_addr *addr,
				size_t *ret_others)
{
	const struct snapshot *snapshot = planner->snapshot;
	const struct device *device = snapshot_device(snapshot, addr);
	const struct use *gravest = NULL;

	*ret_others = 0;
	for (size_t i = 0; device && i < snapshot->use_count; i++) {
		const struct use *use = &snapshot->uses[i];

		if (is_use_of(planner, use, device) &&
		    (!gravest ||
		     use_rank(use->kind, use->how) < use_rank(gravest->kind, gravest->how)))
			gravest = use;
	}
	for (size_t i = 0; gravest && i < snapshot->use_count; i++)
		if (&snapshot->uses[i] != gravest &&
		    is_use_of(planner, &snapshot->uses[i], device) &&
		    !follows_from_other(snapshot->uses[i].kind))
			++*ret_others;
	return gravest;
}

static struct pci_addr *mate_at(struct refusal *refusal, size_t index)
{
	return index ? &refusal->more_mates[index - 1] : &refusal->mate;
}

/*
 * To name a mate that the host needs would only lead to the next refusal. The one whose loss is the
 * gravest is told of first.
 */
static void look_at_mates(const struct planner *planner, struct refusal *refusal)
{
	const struct use *gravest = NULL;
	size_t which = 0, others = 0;
	struct pci_addr first = refusal->mate;
	auto_free char *text = NULL, *more = NULL;

	for (size_t i = 0; i <= refusal->more_mate_count; i++) {
		size_t count;
		const struct use *use = use_of(planner, mate_at(refusal, i), &count);

		if (!use || (gravest && use_rank(use->kind, use->how) >=
						use_rank(gravest->kind, gravest->how)))
			continue;
		gravest = use;
		which = i;
		others = count;
	}
	if (!gravest)
		return;
	refusal->mate = *mate_at(refusal, which);
	*mate_at(refusal, which) = which ? first : refusal->mate;
	text = planner_use_text(gravest);
	more = others ? xasprintf(", and %zu more", others) : xstrdup("");
	refusal->evidence = xasprintf("%s (%s%s)", ADDR(&refusal->mate), text, more);
}

void planner_join_refusals(struct planner *planner)
{
	struct plan *plan = planner->plan;

	if (plan->refusal_count == 0)
		return;
	for (size_t i = 0; i < plan->refusal_count; i++)
		tie(planner, &plan->refusals[i]);
	put_named_first(plan);
	join_causes(plan);
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (plan->refusals[i].kind == REFUSAL_MATE && !plan->refusals[i].evidence)
			look_at_mates(planner, &plan->refusals[i]);
}
