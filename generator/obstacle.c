// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host would lose if it never had a device from boot on. That is not what it would lose
 * now: programs and logins end with a reboot anyway, mounts and routes come again.
 */
#include "generator/obstacle.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "generator/going.h"
#include "generator/loss.h"
#include "generator/typing.h"
#include "generator/way-in.h"

/* The device as whose use it counts. Heap; NULL: the address is another's. */
static char *user_label(const struct selection *selection, const struct device *device,
			const struct pci_addr *addr)
{
	return loss_has_user(selection, device, addr) ? loss_label(selection, device, addr) : NULL;
}

#define LAST_KEYBOARD ": \"%s\" is plugged in there, and no other keyboard that is known would stay"

#define CUT_OFF                                                                                    \
	", and the host would have no other network card with a driver and a link: it could not "  \
	"be reached any more"

/*
 * Without a default route, too, others in its network may reach the host. Nobody is logged in that
 * way, though, so that whoever names the card sits at the host and may mean it. Heap, or NULL.
 */
static char *network_loss(const struct selection *selection, const struct group *group,
			  const struct device *device)
{
	const struct links *links = selection->facts->links;

	for (size_t i = 0; links && i < links->count; i++) {
		const struct link *link = &links->all[i];
		auto_free char *label = NULL;

		if (!link->has_addr || !way_in_is_link(link) ||
		    !going_needs(selection->snapshot, &link->addr, device) ||
		    way_in_remains(selection, group))
			continue;
		label = loss_label(selection, device, &link->addr);
		return xasprintf("%s: a network is behind its %s" CUT_OFF, label, link->name);
	}
	return NULL;
}

/* How far it is looked. Each has in it those before it. */
enum scope {
	SCOPE_OWN,    /* what no other group changes */
	SCOPE_TYPING, /* the last keyboard, where a start waits for a passphrase */
	SCOPE_ROUTES, /* what has no other way: default routes, logins, disks of other machines */
	SCOPE_NETWORKS,
};

/* May this group be reserved? */
struct obstacle_question {
	const struct selection *selection;
	const struct group *group;
	enum scope scope;
	bool named; /* the admin means this group: what the policy allows counts */
};

/* By what is set for the device that goes, or for the one that the host works with, at the address.
 */
static bool is_allowed(const struct obstacle_question *question, const struct device *device,
		       const struct pci_addr *addr, enum use_kind kind)
{
	const struct policy *policy = question->selection->facts->policy;

	return question->named && policy &&
	       (policy_of_device(policy, &device->addr).allow |
		policy_of_device(policy, addr).allow) &
		       1u << kind;
}

/* Would the host lose something that no reboot brings back? */
static bool is_lost(const struct obstacle_question *question, const struct use *use)
{
	if (loss_is_way_in(use->kind))
		return !way_in_remains(question->selection, question->group);
	if (way_in_remains_for(question->selection, question->group, use))
		return false;
	return use->kind == USE_CHIPSET || loss_of(use->kind);
}

/* One that counts instead of what is allowed for all devices. */
static bool has_section(const struct policy *policy, const struct pci_addr *addr)
{
	for (size_t i = 0; policy && i < policy->setting_count; i++)
		if (pci_addr_equal(&policy->settings[i].addr, addr) &&
		    strcmp(policy_key(policy->settings[i].key), "allow") == 0)
			return true;
	return false;
}

/*
 * ' ("allow = ssh" in hostdev-hook.conf lifts that)', with all the words that this device needs, as
 * the next refusal would only be the next word; "" where no word does. Heap.
 */
static char *lift_text(const struct obstacle_question *question, const struct device *device,
		       enum use_kind lost)
{
	const struct selection *selection = question->selection;
	const struct snapshot *snapshot = selection->snapshot;
	auto_text struct text words = TEXT_INIT;
	unsigned int kinds = 0;

	if (!question->named || !use_allow_name(lost))
		return xstrdup("");
	for (size_t i = 0; i < snapshot->use_count; i++) {
		const struct use *use = &snapshot->uses[i];

		if (use_allow_name(use->kind) && loss_has_use(selection, device, use) &&
		    is_lost(question, use))
			kinds |= 1u << use->kind;
	}
	if (typing_is_needed(selection) && typing_ends(selection, question->group, device))
		kinds |= 1u << USE_KEYBOARD;
	for (enum use_kind kind = 0; kind < USE_KINDS; kind++)
		if (kinds & 1u << kind)
			text_printf(&words, "%s%s", words.length ? "," : "", use_allow_name(kind));
	if (has_section(selection->facts->policy, &device->addr))
		return xasprintf(" (\"allow = %s\" in the section [%s] of hostdev-hook.conf lifts "
				 "that, beside what that section allows already)",
				 words.data, ADDR(&device->addr));
	return xasprintf(" (\"allow = %s\" in hostdev-hook.conf lifts that)", words.data);
}

/* Heap, or NULL. */
static char *use_obstacle(const struct obstacle_question *question, const struct device *device,
			  const struct use *use)
{
	const struct selection *selection = question->selection;
	const char *loss = loss_of(use->kind);
	auto_free char *label = NULL, *text = NULL, *lift = NULL;

	if (!loss_has_use(selection, device, use) || !is_lost(question, use) ||
	    is_allowed(question, device, &use->addr, use->kind))
		return NULL;
	label = loss_label(selection, device, &use->addr);
	text = loss_text(label, use);
	lift = lift_text(question, device, use->kind);
	if (loss)
		return xasprintf("%s; %s%s", text, loss, lift);
	if (use->kind == USE_CHIPSET)
		return xasprintf("%s, in IOMMU group %d; the host itself needs it%s", text,
				 question->group->number, lift);
	return xasprintf("%s" CUT_OFF "%s", text, lift);
}

/* Without a driver it leaves the group to a guest. Heap, or NULL. */
static char *bridge_obstacle(const struct device *device, const struct group *group)
{
	if (device->is_bridge || !*device->bound.driver)
		return NULL;
	return xasprintf("%s is a bridge of the chipset with a driver of the host (%s): no guest "
			 "can have what is in IOMMU group %d with it",
			 LABEL(device), device->bound.driver, group->number);
}

/* What is not there yet when the image's programs run. */
static char *late_obstacle(const struct device *device)
{
	if (device->is_vf)
		return xasprintf("%s is a virtual function: it is made long after the image has "
				 "run, and needs no reservation, as the hook takes it when its "
				 "guest starts",
				 LABEL(device));
	if (device->is_behind)
		return xasprintf("%s is there only once the driver of %s has begun; the hook takes "
				 "it when its guest starts",
				 LABEL(device), ADDR(&device->behind));
	return NULL;
}

/* In use it need not be: whatever the next start looks for there is missing then. Heap, or NULL. */
static char *want_obstacle(const char *label, const struct want *want)
{
	if (want->spared)
		return NULL;
	return xasprintf("%s: its %s is %s; the host would not find it at its next start (if it "
			 "may be missing, %s)",
			 label, want->what, want->how, want->help);
}

/* A host with no keyboard starts, unless it asks for something. Heap, or NULL. */
static char *typing_obstacle(const struct obstacle_question *question, const struct device *device)
{
	const struct selection *selection = question->selection;
	const struct keyboard *keyboard = typing_ends(selection, question->group, device);
	auto_free char *label = NULL, *lift = NULL;

	if (!keyboard || !typing_is_needed(selection) ||
	    is_allowed(question, device, &keyboard->addr, USE_KEYBOARD))
		return NULL;
	label = loss_label(selection, device, &keyboard->addr);
	lift = lift_text(question, device, USE_KEYBOARD);
	return xasprintf(
		"%s" LAST_KEYBOARD "; the next start asks for the passphrase of %s, and "
		"nobody could type it (if it need not be typed, name a key or put nofail on "
		"its line of /etc/crypttab)%s",
		label, keyboard->name, selection->facts->wants->asked, lift);
}

/* Heap, or NULL. */
static char *device_obstacle(const struct obstacle_question *question, const struct device *device)
{
	const struct selection *selection = question->selection;
	const struct wants *wants = selection->facts->wants;
	char *obstacle;

	if (!selection_is_endpoint(device))
		return bridge_obstacle(device, question->group);
	obstacle = late_obstacle(device);

	for (size_t i = 0; !obstacle && i < selection->snapshot->use_count; i++) {
		const struct use *use = &selection->snapshot->uses[i];

		if (question->scope >= SCOPE_ROUTES ||
		    !(loss_is_way_in(use->kind) || use->way_count > 0))
			obstacle = use_obstacle(question, device, use);
	}
	for (size_t i = 0; !obstacle && wants && i < wants->count; i++) {
		auto_free char *label = user_label(selection, device, &wants->all[i].addr);

		if (label)
			obstacle = want_obstacle(label, &wants->all[i]);
	}
	if (!obstacle && question->scope >= SCOPE_TYPING)
		obstacle = typing_obstacle(question, device);
	if (!obstacle && question->scope == SCOPE_NETWORKS)
		obstacle = network_loss(selection, question->group, device);
	return obstacle;
}

static char *group_obstacle(const struct obstacle_question *question)
{
	const struct group *group = question->group;
	char *obstacle = NULL;

	for (size_t i = 0; !obstacle && i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(question->selection->snapshot, &group->members[i]);

		if (device)
			obstacle = device_obstacle(question, device);
	}
	return obstacle;
}

/* The part of the chipset in a group, which nobody means who says "all"; NULL: none. */
static const struct device *find_part(const struct selection *selection, const struct group *group)
{
	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->members[i]);

		if (device && device->on_board && selection_is_endpoint(device))
			return device;
	}
	return NULL;
}

/*
 * What stays is a way in for all that is looked at after it, and its keyboard can be typed on. So
 * what stays in any case comes first, and default routes before other networks.
 */
static void leave_out(struct selection *selection)
{
	for (enum scope scope = SCOPE_OWN; scope <= SCOPE_NETWORKS; scope++)
		for (size_t i = 0; i < selection->group_count; i++) {
			struct selected_group *group = &selection->groups[i];

			if (!group->selected || group->named || group->stays)
				continue;
			group->obstacle = group_obstacle(
				&(struct obstacle_question){selection, group->group, scope, false});
			group->stays = group->obstacle || find_part(selection, group->group);
		}
}

void obstacles_find(struct selection *selection)
{
	leave_out(selection);
	for (size_t i = 0; i < selection->group_count; i++) {
		struct selected_group *group = &selection->groups[i];

		if (!group->selected || group->named)
			group->obstacle = group_obstacle(&(struct obstacle_question){
				selection, group->group, SCOPE_ROUTES, true});
	}
}

/* --- what is known of models --- */

/*
 * AMD graphics by generation. Sources: pci.ids; vendor-reset issue 107 and the notes of several
 * passthrough scripts for what the generations need.
 */
static bool is_rdna4(const struct device *device)
{
	return device->vendor == 0x1002 && (device->product & 0xfff0) >= 0x7550 &&
	       (device->product & 0xfff0) <= 0x75a0 && device_is_graphics(device);
}

static bool is_rdna2(const struct device *device)
{
	return device->vendor == 0x1002 && device_is_graphics(device) &&
	       ((device->product >= 0x73a0 && device->product <= 0x73ff) ||
		(device->product >= 0x7420 && device->product <= 0x743f));
}

static void tell_model(const struct device *device, bool early, struct draft *draft)
{
	if (is_rdna4(device) && !early)
		draft_refuse(draft,
			     "%s is a Radeon of the RX 9000 series, which only works in a guest "
			     "after amdgpu has set it up once: reserved from boot on it would not. "
			     "Leave it to the hook, which takes it when its guest starts "
			     "(\"hostdevctl generate dynamic\"), or insist with --allow-early",
			     LABEL(device));
	if (is_rdna2(device))
		draft_note(
			draft,
			"%s is a Radeon of the RX 6000 series: amdgpu sets up its resizable BAR, "
			"which a card that is reserved from boot on does not get from it",
			LABEL(device));
}

static void tell_use(const struct obstacle_question *question, const struct device *device,
		     const struct use *use, struct draft *draft)
{
	const char *loss = loss_of(use->kind);
	auto_free char *label = loss_label(question->selection, device, &use->addr);
	auto_free char *text = loss_text(label, use);

	if (loss_is_way_in(use->kind) && is_lost(question, use)) {
		draft_note(draft, "%s" CUT_OFF, text);
		return;
	}
	switch (use->kind) {
	case USE_DEFAULT_ROUTE:
	case USE_SSH:
	case USE_CONSOLE:
	case USE_WATCHDOG:
	case USE_MEDIATED:
	case USE_CHIPSET:
	case USE_IGPU:
		draft_note(draft, "%s; from the next start on the host is without it", text);
		break;
	case USE_NETNS:
		draft_note(draft,
			   "%s; if it is in a container, that is without it from the next start on",
			   text);
		break;
	default:
		if (!loss)
			break;
		/* The policy allows it, or it would be refused. */
		if (is_lost(question, use))
			draft_note(draft, "%s; %s", text, loss);
		else
			draft_note(draft, "%s; from the next start on only another way leads there",
				   text);
		break;
	}
}

static void tell_keyboard(const struct selection *selection, const struct group *group,
			  const struct device *device, struct draft *draft)
{
	const struct keyboard *keyboard = typing_ends(selection, group, device);
	const struct wants *wants = selection->facts->wants;
	const char *asked = wants ? wants->asked : NULL;
	auto_free char *label = NULL;

	if (!keyboard)
		return;
	label = loss_label(selection, device, &keyboard->addr);
	draft_note(draft,
		   "%s" LAST_KEYBOARD ": after a start that reserves it nobody can type on this "
		   "host%s%s",
		   label, keyboard->name, asked ? ", not even the passphrase of " : "",
		   asked ? asked : "");
}

static void tell_claims(const struct selection *selection, const struct device *device,
			struct draft *draft)
{
	for (size_t i = 0; i < selection->snapshot->claim_count; i++) {
		const struct claim *claim = &selection->snapshot->claims[i];
		auto_free char *label = user_label(selection, device, &claim->addr);

		if (label)
			draft_note(draft,
				   "guest %s has %s now, and keeps it: what is set up here counts "
				   "from the next start of this host on",
				   claim->guest,
				   LABEL(snapshot_device(selection->snapshot, &claim->addr)));
	}
	if (device->has_vfs)
		draft_note(draft,
			   "the virtual functions of %s are its driver's: from the next start on "
			   "there are none",
			   LABEL(device));
}

static void tell_device(const struct selection *selection, const struct group *group,
			const struct device *device, bool early, struct draft *draft)
{
	const struct snapshot *snapshot = selection->snapshot;
	const struct wants *wants = selection->facts->wants;
	const struct obstacle_question question = {selection, group, SCOPE_ROUTES, true};
	auto_free char *network = network_loss(selection, group, device);

	tell_model(device, early, draft);
	for (size_t i = 0; i < snapshot->use_count; i++) {
		const struct use *use = &snapshot->uses[i];

		if (loss_has_use(selection, device, use))
			tell_use(&question, device, use, draft);
	}
	tell_keyboard(selection, group, device, draft);
	for (size_t i = 0; wants && i < wants->count; i++) {
		const struct want *want = &wants->all[i];
		auto_free char *label = user_label(selection, device, &want->addr);

		if (label)
			draft_note(draft,
				   "%s: its %s is %s (%s); from the next start on it is not there",
				   label, want->what, want->how, want->spared);
	}
	if (network)
		draft_note(draft, "%s", network);
	tell_claims(selection, device, draft);
}

/* "all" has brought it alone, and it stays. */
static void tell_left_out(const struct selection *selection, const struct selected_group *group,
			  struct draft *draft)
{
	const struct device *part = find_part(selection, group->group);

	if (part)
		draft_note(draft, "left out: %s is a part of the chipset", LABEL(part));
	else
		draft_note(draft, "left out: %s", group->obstacle);
}

void obstacles_apply(struct selection *selection, bool early, struct draft *draft)
{
	for (size_t i = 0; i < selection->problem_count; i++)
		draft_refuse(draft, "%s", selection->problems[i]);
	for (size_t i = 0; i < selection->group_count; i++) {
		struct selected_group *group = &selection->groups[i];

		if (!group->selected)
			continue;
		if (group->obstacle && group->named) {
			draft_refuse(draft, "%s: leave it out", group->obstacle);
			continue;
		}
		if (group->stays) {
			tell_left_out(selection, group, draft);
			group->selected = false;
			continue;
		}
		for (size_t j = 0; j < group->group->member_count; j++) {
			const struct device *device =
				snapshot_device(selection->snapshot, &group->group->members[j]);

			if (device && selection_is_endpoint(device))
				tell_device(selection, group->group, device, early, draft);
		}
	}
}
