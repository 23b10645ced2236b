// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the group that devices were lent in is remembered, and compared with the group of today: a
 * new kernel, firmware or slot may put other devices into a group, or give one of them a driver.
 * Tests: unit/test-loan.c.
 */
#include "model/loan-change.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"

#define NO_DRIVER "none"
#define NAMED_MAX 3 /* devices named in one sentence */

/* --- what is remembered --- */

/* A driver's name is one word of the line. */
static const char *driver_of(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(snapshot, addr);

	if (!device || device->bound.driver[strcspn(device->bound.driver, " =\\")])
		return NULL;
	return *device->bound.driver ? device->bound.driver : NO_DRIVER;
}

void loan_init(struct loan *ret, const struct snapshot *snapshot, const struct pci_addr *addrs,
	       size_t count)
{
	struct loan loan = {.kernel = xstrdup(snapshot->kernel)};

	for (size_t i = 0; loan.kernel && i < count; i++) {
		const struct device *device = snapshot_device(snapshot, &addrs[i]);
		const struct group *group = device ? snapshot_group(snapshot, device->group) : NULL;
		struct loan_group remembered = {0};

		if (!group || loan_find(&loan, &addrs[i]))
			continue;
		for (size_t m = 0; m < group->member_count; m++)
			loan_group_add(&remembered, &group->members[m],
				       driver_of(snapshot, &group->members[m]));
		array_push(loan.groups, loan.group_count, remembered);
	}
	*ret = loan;
}

/* --- what has changed --- */

/* How much people want to know of a device that came or went, the most first. */
enum weight {
	WEIGHT_LOSS,   /* the host needs it */
	WEIGHT_DRIVEN, /* the host has a driver for it */
	WEIGHT_OTHER,
	WEIGHT_BRIDGE,
	WEIGHTS
};

struct loan_list {
	const struct snapshot *snapshot;
	const struct pci_addr *own; /* in whose group it came or went */
	struct pci_addr *addrs;     /* heap */
	size_t count;
};

static void loan_list_done(struct loan_list *list)
{
	free(list->addrs);
}

/* Other functions of the card go where it goes, and are no news. */
static enum weight weight_of(const struct snapshot *snapshot, const struct pci_addr *own,
			     const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(snapshot, addr);

	if (!device || pci_addr_same_slot(own, addr))
		return WEIGHT_OTHER;
	if (device->is_bridge || device_is_chipset_bridge(device))
		return WEIGHT_BRIDGE;
	for (size_t i = 0; i < snapshot->use_count; i++)
		if (pci_addr_equal(&snapshot->uses[i].addr, addr) &&
		    snapshot->uses[i].kind != USE_HUNG_TASK)
			return WEIGHT_LOSS;
	return device_is_idle(device) ? WEIGHT_OTHER : WEIGHT_DRIVEN;
}

static size_t count_bridges(const struct loan_list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		if (weight_of(list->snapshot, list->own, &list->addrs[i]) == WEIGHT_BRIDGE)
			count++;
	return count;
}

/* The first few by name, and bridges only where there is nothing else. */
static size_t name_some(const struct loan_list *list, bool bridges, struct text *out)
{
	size_t named = 0;

	for (int weight = 0; weight < WEIGHTS; weight++)
		for (size_t i = 0; i < list->count && named < NAMED_MAX; i++)
			if ((int)weight_of(list->snapshot, list->own, &list->addrs[i]) == weight &&
			    (weight == WEIGHT_BRIDGE) == bridges)
				text_printf(out, "%s%s", named++ ? ", " : "",
					    ADDR(&list->addrs[i]));
	return named;
}

static void loan_list_tell(struct loan_list *list, const char *what, bool *first, struct text *out)
{
	size_t bridges = count_bridges(list), named, more;
	bool only_bridges = bridges == list->count;

	if (list->count == 0)
		return;
	text_printf(out, "%s", *first ? " " : ", ");
	named = name_some(list, only_bridges, out);
	more = (only_bridges ? bridges : list->count - bridges) - named;
	if (more > 0)
		text_printf(out, "%s%zu more", bridges && !only_bridges ? ", " : " and ", more);
	if (bridges > 0 && !only_bridges)
		text_printf(out, " and %zu bridge%s", bridges, bridges == 1 ? "" : "s");
	text_printf(out, " %s", what);
	*first = false;
}

static bool is_about_mate(enum refusal_kind kind)
{
	return kind == REFUSAL_GROUP_CLAIMED || kind == REFUSAL_MATE || kind == REFUSAL_MATE_PF ||
	       kind == REFUSAL_MATE_CHIPSET;
}

/* Had the mate no driver of the host's then, and has it got one since? */
static const char *driver_since(const struct snapshot *snapshot, const struct loan_group *then,
				const struct pci_addr *mate)
{
	const struct loan_member *member = loan_group_find(then, mate);
	const struct device *device = snapshot_device(snapshot, mate);

	if (!member || !device || !text_equal(member->driver, NO_DRIVER) ||
	    !*device->bound.driver || device_driver_is_vfio(device->bound.driver))
		return NULL;
	return device->bound.driver;
}

static void tell_since(const struct snapshot *snapshot, struct text *out)
{
	const char *then = snapshot->loan.kernel, *now = snapshot->kernel;
	auto_free char *shown_then = text_escape(then);
	auto_free char *shown_now = text_escape(now ? now : "unknown");

	if (text_equal(then, now))
		text_printf(out, " Since the last start (the same kernel %s)", shown_then);
	else
		text_printf(out, " Since the last start (kernel %s; now %s)", shown_then,
			    shown_now);
}

static void tell_change(const struct snapshot *snapshot, const struct group *now,
			const struct loan_group *then, const struct pci_addr *own,
			const struct pci_addr *mate, struct text *out)
{
	cleanup(loan_list_done) struct loan_list joined = {snapshot, own, NULL, 0};
	cleanup(loan_list_done) struct loan_list left = {snapshot, own, NULL, 0};
	const char *driver = driver_since(snapshot, then, mate);
	bool first = true;

	for (size_t i = 0; i < now->member_count; i++)
		if (!loan_group_find(then, &now->members[i]))
			array_push(joined.addrs, joined.count, now->members[i]);
	for (size_t i = 0; i < then->member_count; i++)
		if (!pci_addr_is_among(&then->members[i].addr, now->members, now->member_count))
			array_push(left.addrs, left.count, then->members[i].addr);
	if (joined.count + left.count == 0 && !driver)
		return;
	tell_since(snapshot, out);
	loan_list_tell(&joined, "joined its group", &first, out);
	loan_list_tell(&left, "left its group", &first, out);
	if (driver)
		text_printf(out, "%s%s got the driver %s", first ? " " : ", ", ADDR(mate), driver);
	text_printf(out, ".");
	if (joined.count > 0 && !text_equal(snapshot->loan.kernel, snapshot->kernel))
		text_printf(out, " Starting the earlier kernel may part them.");
}

void loan_format_change(const struct snapshot *snapshot, const struct refusal *refusal,
			struct text *out)
{
	const struct device *device = snapshot_device(snapshot, &refusal->addr);
	const struct group *now = device ? snapshot_group(snapshot, device->group) : NULL;
	const struct loan_group *then = loan_find(&snapshot->loan, &refusal->addr);

	if (now && then && is_about_mate(refusal->kind))
		tell_change(snapshot, now, then, &refusal->addr, &refusal->mate, out);
}

/* The group in which the first of its devices is now that is still there; NULL: none is. */
static const struct group *find_now(const struct snapshot *snapshot, const struct loan_group *then)
{
	for (size_t i = 0; i < then->member_count; i++) {
		const struct device *device = snapshot_device(snapshot, &then->members[i].addr);

		if (device)
			return snapshot_group(snapshot, device->group);
	}
	return NULL;
}

/* ret_used: of LOAN_USED, one such device, of which the host has something to lose if any. */
static enum loan_change compare(const struct snapshot *snapshot, const struct group *now,
				const struct loan_group *then, struct pci_addr *ret_used)
{
	enum loan_change change = LOAN_SAME;

	for (size_t i = 0; i < then->member_count; i++)
		if (!pci_addr_is_among(&then->members[i].addr, now->members, now->member_count))
			change = LOAN_LEFT;
	for (size_t i = 0; i < now->member_count; i++) {
		const struct pci_addr *addr = &now->members[i];
		enum weight weight = weight_of(snapshot, &then->members[0].addr, addr);

		if (loan_group_find(then, addr))
			continue;
		if (weight > WEIGHT_DRIVEN) {
			change = change == LOAN_USED ? LOAN_USED : LOAN_JOINED;
			continue;
		}
		if (change != LOAN_USED || weight == WEIGHT_LOSS)
			*ret_used = *addr;
		change = LOAN_USED;
	}
	return change;
}

enum loan_change loan_tell_group(const struct snapshot *snapshot, const struct loan_group *then,
				 struct pci_addr *ret_used, struct text *out)
{
	const struct group *now = find_now(snapshot, then);
	enum loan_change change = now ? compare(snapshot, now, then, ret_used) : LOAN_SAME;
	const struct pci_addr *own = &then->members[0].addr;
	auto_text struct text told = TEXT_INIT;

	if (change == LOAN_SAME)
		return change;
	tell_change(snapshot, now, then, own, own, &told);
	/* Without the blank before the sentence. */
	text_printf(out, "%s", told.data ? told.data + 1 : "");
	return change;
}
