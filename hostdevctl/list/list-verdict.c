// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the planner says of a group, in a phrase: it is asked as for a guest that names all
 * endpoints of the group, and its first refusal speaks. Tests: ctl/list.bats.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/list/list.h"
#include "model/planner.h"
#include "model/verdict.h"

void list_verdict_done(struct list_verdict *verdict)
{
	for (size_t i = 0; i < verdict->loss_count; i++)
		free(verdict->losses[i].text);
	free(verdict->losses);
	free(verdict->text);
	memset(verdict, 0, sizeof(*verdict));
}

const char *list_state_name(enum list_state state)
{
	static const char *const names[] = {[LIST_FREE] = "free",
					    [LIST_IN_USE] = "in-use",
					    [LIST_NEVER] = "never",
					    [LIST_REFUSED] = "refused",
					    [LIST_UNKNOWN] = "not-known"};

	return names[state];
}

static struct list_verdict say(enum list_state state, char *text)
{
	return (struct list_verdict){.state = state, .text = text};
}

/* --- the made-up guest --- */

bool list_is_endpoint(const struct device *device)
{
	return !device->is_bridge && !device_is_chipset_bridge(device) && !device->is_behind;
}

/* A group without any endpoint is refused for what it is. */
static void name_members(const struct snapshot *snapshot, const struct group *group,
			 struct guest *ret)
{
	ret->name = xstrdup("");
	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device = snapshot_device(snapshot, &group->members[i]);

		if (device && list_is_endpoint(device))
			guest_add_hostdev(ret, &device->addr);
	}
	if (ret->hostdev_count == 0)
		guest_add_hostdev(ret, &group->members[0]);
}

/* --- refusals --- */

#define KEYBOARD_LAST ", and the host has no other keyboard"

static struct list_verdict of_use(const struct refusal *refusal)
{
	const char *evidence = refusal->evidence;
	auto_free char *more = refusal->more > 0 ? xasprintf(", and %u more", refusal->more) : NULL;
	const char *behind = more ? more : "";

	switch (refusal->use) {
	case USE_IGPU:
	case USE_CHIPSET:
		return say(LIST_IN_USE, xasprintf("in use by the host: %s %s%s",
						  ADDR(&refusal->addr), evidence, behind));
	case USE_HUNG_TASK:
		return say(LIST_REFUSED, xasprintf("refused: %s", evidence));
	case USE_UNREADABLE:
		return say(LIST_UNKNOWN, xasprintf("not known: %s", evidence));
	case USE_KEYBOARD:
		return say(LIST_IN_USE, xasprintf("in use: %s" KEYBOARD_LAST, evidence));
	default:
		return say(LIST_IN_USE, xasprintf("in use: %s%s", evidence, behind));
	}
}

static struct list_verdict of_claim(const struct refusal *refusal)
{
	if (refusal->over)
		return say(LIST_IN_USE,
			   xasprintf("not returned yet from guest %s (hostdevctl recover)",
				     refusal->guest));
	return say(LIST_IN_USE, xasprintf("in use by guest %s", refusal->guest));
}

static struct list_verdict of_refusal(const struct refusal *refusal)
{
	switch (refusal->kind) {
	case REFUSAL_IOMMU_OFF:
		return say(LIST_NEVER,
			   xstrdup("never: this host has no IOMMU groups (see hostdevctl check)"));
	case REFUSAL_NO_GROUP:
		return say(LIST_NEVER, xstrdup("never: it is in no IOMMU group"));
	case REFUSAL_NOIOMMU:
		return say(LIST_NEVER, xstrdup("never: no IOMMU protects the host's memory from "
					       "it (VFIO's no-IOMMU mode)"));
	case REFUSAL_BRIDGE:
		return say(LIST_NEVER, xstrdup("never: a bridge"));
	case REFUSAL_BEHIND:
		return say(LIST_NEVER,
			   xasprintf("never alone: it goes with %s", ADDR(&refusal->mate)));
	case REFUSAL_PF:
		return say(LIST_IN_USE, xasprintf("in use: %s has virtual functions enabled",
						  ADDR(&refusal->addr)));
	case REFUSAL_CLAIMED:
	case REFUSAL_GROUP_CLAIMED:
	case REFUSAL_CARRIED:
		return of_claim(refusal);
	case REFUSAL_COMPANION:
		return say(LIST_REFUSED, xasprintf("only with %s, which would have to go along",
						   ADDR(&refusal->mate)));
	case REFUSAL_USE:
		return of_use(refusal);
	case REFUSAL_HOLDER:
		return say(LIST_IN_USE, xasprintf("in use by %s", refusal->evidence));
	case REFUSAL_UNREADABLE:
		return say(LIST_UNKNOWN, xasprintf("not known: it cannot be seen what %s has open",
						   refusal->evidence));
	default:
		return say(LIST_REFUSED, xstrdup("refused (see hostdevctl plan)"));
	}
}

/* --- no refusal --- */

/* What a start would do about a holder, gravest first. */
static int gravity(enum holder_action action)
{
	switch (action) {
	case HOLDER_TERMINATE:
		return 4;
	case HOLDER_STOP_UNIT:
		return 3;
	case HOLDER_RELEASE:
		return 2;
	case HOLDER_WAIT:
		return 1;
	default:
		return 0;
	}
}

static char *what_becomes(const struct holder *holder, const struct verdict *verdict)
{
	auto_text struct text who = TEXT_INIT;

	holder_format_short(holder, &who);
	switch (verdict->action) {
	case HOLDER_TERMINATE:
		return xasprintf("in use by %s, which a start would end", who.data);
	case HOLDER_STOP_UNIT:
		return xasprintf("in use by %s, whose unit a start would stop meanwhile", who.data);
	default:
		return xasprintf("in use by %s, which a start would wait for", who.data);
	}
}

/* Heap; NULL: nobody has it open who would notice. */
static char *find_holder(const struct list_host *host, const struct snapshot *view,
			 const struct guest *guest)
{
	const struct holder *found = NULL;
	struct verdict gravest = {.action = HOLDER_LEAVE};

	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct pci_addr *addr = &guest->hostdevs[i].addr;
		struct device_policy policy = policy_of_device(&host->situation.policy, addr);

		for (size_t h = 0; h < view->holder_count; h++) {
			struct verdict verdict = verdict_of(view, &view->holders[h],
							    snapshot_device(view, addr), &policy);

			if (gravity(verdict.action) <= gravity(gravest.action))
				continue;
			gravest = verdict;
			found = &view->holders[h];
		}
	}
	return found ? what_becomes(found, &gravest) : NULL;
}

/* Nothing speaks against it; where not everything could be looked at, programs must not take it
 * for free. */
static struct list_verdict of_free(const struct list_host *host, const struct guest *guest)
{
	enum list_state state = host->partial ? LIST_UNKNOWN : LIST_FREE;
	const char *limit = host->partial ? ", as far as can be seen" : "";

	if (guest->hostdev_count == 1)
		return say(state, xasprintf("free%s", limit));
	return say(state,
		   xasprintf("free%s: its %zu devices go together", limit, guest->hostdev_count));
}

/* Uses are known of each device; who is logged in on it, or types by it, of the whole group. */
static void add_losses(const struct plan *plan, struct list_verdict *verdict)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];
		struct list_loss *loss;

		if (refusal->kind != REFUSAL_USE ||
		    (refusal->use != USE_KEYBOARD && refusal->use != USE_LOGIN))
			continue;
		verdict->losses = array_grow(verdict->losses, verdict->loss_count, sizeof(*loss));
		loss = &verdict->losses[verdict->loss_count++];
		loss->addr = refusal->addr;
		loss->text = xasprintf("%s%s", refusal->evidence,
				       refusal->use == USE_KEYBOARD ? KEYBOARD_LAST : "");
	}
}

static struct list_verdict judge(const struct list_host *host, const struct guest *guest,
				 const struct snapshot *view)
{
	auto_plan struct plan plan = {0};
	char *holder;

	planner_judge(guest, view, &host->situation.policy, &plan);
	if (plan.refusal_count > 0) {
		struct list_verdict verdict = of_refusal(&plan.refusals[0]);

		add_losses(&plan, &verdict);
		return verdict;
	}
	holder = find_holder(host, view, guest);
	return holder ? say(LIST_IN_USE, holder) : of_free(host, guest);
}

/* As the hook would: of a few groups of a host at most. */
static struct list_verdict judge_alone(const struct list_host *host, const struct guest *guest)
{
	cleanup(situation_done) struct situation situation = {0};
	struct error err = ERROR_INIT;

	if (situation_read(&host->host, guest, &situation, &err) < 0)
		return say(LIST_UNKNOWN, xasprintf("not known: %s", err.text));
	if (geteuid() != 0)
		list_host_forget_unreadables(&situation.snapshot);
	return judge(host, guest, &situation.snapshot);
}

struct list_verdict list_verdict_of(struct list_host *host, const struct group *group)
{
	const struct snapshot *view = portions_view(&host->portions, group->number);
	auto_guest struct guest guest = {0};

	name_members(view, group, &guest);
	return portions_fit(&host->portions, group->number) ? judge(host, &guest, view)
							    : judge_alone(host, &guest);
}

struct list_verdict list_verdict_of_hidden(const struct absence *absence)
{
	return say(LIST_REFUSED,
		   xasprintf("refused: it %s. %s", absence->evidence, absence->advice));
}
