// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which groups are meant by the words of the command line. A group is reserved whole or not at all.
 */
#include "generator/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

void selection_done(struct selection *selection)
{
	for (size_t i = 0; i < selection->group_count; i++)
		free(selection->groups[i].obstacle);
	for (size_t i = 0; i < selection->problem_count; i++)
		free(selection->problems[i]);
	free(selection->groups);
	for (size_t i = 0; i < selection->note_count; i++)
		free(selection->notes[i]);
	free(selection->problems);
	free(selection->notes);
	memset(selection, 0, sizeof(*selection));
}

bool selection_is_endpoint(const struct device *device)
{
	return !device->is_bridge && !device_is_chipset_bridge(device);
}

static void add_problem(struct selection *selection, char *problem)
{
	array_push(selection->problems, selection->problem_count, problem);
}

/* --- matching --- */

static bool has_addr(const struct selection_list *list, const struct pci_addr *addr)
{
	for (size_t i = 0; i < list->addr_count; i++)
		if (pci_addr_equal(&list->addrs[i], addr))
			return true;
	return false;
}

static bool has_group(const struct selection_list *list, int number)
{
	for (size_t i = 0; i < list->range_count; i++)
		if (list->ranges[i].first <= number && number <= list->ranges[i].last)
			return true;
	return false;
}

static bool has_driver(const struct selection_list *list, const char *driver)
{
	for (size_t i = 0; *driver && i < list->driver_count; i++)
		if (module_name_equal(list->drivers[i], driver))
			return true;
	return false;
}

static bool has_id(const struct selection_list *list, const struct device *device)
{
	for (size_t i = 0; i < list->id_count; i++)
		if (list->ids[i].vendor == device->vendor && list->ids[i].device == device->product)
			return true;
	return false;
}

/* What somebody else keeps is known by that as well: it is what there is to see. */
static bool matches(const struct generate_facts *facts, const struct selection_list *list,
		    const struct device *device)
{
	return has_addr(list, &device->addr) || has_group(list, device->group) ||
	       has_driver(list, homes_driver(facts->homes, device)) ||
	       (facts_is_foreign(facts, device) && has_driver(list, device->bound.driver)) ||
	       has_id(list, device);
}

bool selection_names(const struct selection *selection, const struct device *device)
{
	const struct generate_facts *facts = selection->facts;

	return selection_is_endpoint(device) &&
	       matches(facts, &selection->wishes->include, device) &&
	       !matches(facts, &selection->wishes->exclude, device);
}

bool selection_takes(const struct selection *selection, const struct device *device)
{
	return selection_is_endpoint(device) &&
	       (!device->on_board || *device->bound.driver ||
		matches(selection->facts, &selection->wishes->include, device));
}

/* The endpoint of the group that stands behind *at; NULL at the end. */
static const struct device *next_endpoint(const struct selection *selection,
					  const struct group *group, size_t *at)
{
	while (*at < group->member_count) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->members[(*at)++]);

		if (device && selection_is_endpoint(device))
			return device;
	}
	return NULL;
}

static const struct device *find_match(const struct selection *selection, const struct group *group,
				       const struct selection_list *list)
{
	const struct device *device;

	for (size_t at = 0; (device = next_endpoint(selection, group, &at));)
		if (matches(selection->facts, list, device))
			return device;
	return NULL;
}

/* What is named itself cannot be taken without its mate; what "all" brings is simply left out. */
static void tell_split(struct selection *selection, const struct group *group,
		       const struct selection_list *include, const struct device *excluded)
{
	const struct device *device;

	for (size_t at = 0; (device = next_endpoint(selection, group, &at));) {
		if (!has_addr(include, &device->addr) || device == excluded)
			continue;
		add_problem(selection,
			    xasprintf("%s is in one IOMMU group with %s, which is left out: a "
				      "group is reserved whole; leave out neither, or both",
				      LABEL(device), LABEL(excluded)));
	}
}

static void select_group(struct selection *selection, struct selected_group *group,
			 const struct selection_wishes *wishes)
{
	const struct device *excluded = find_match(selection, group->group, &wishes->exclude);

	group->named = find_match(selection, group->group, &wishes->include) != NULL;
	group->selected = group->named || wishes->include.all;
	if (!group->selected)
		return;
	if (excluded && group->named)
		tell_split(selection, group->group, &wishes->include, excluded);
	/* "no-vga" is all but graphics, whichever list it is in. */
	if (excluded || (wishes->exclude.all && !(wishes->exclude.no_vga && group->video)) ||
	    (group->video && !group->named && wishes->include.no_vga))
		group->selected = false;
}

/* --- the groups --- */

static const struct pci_addr *lowest(const struct group *group)
{
	const struct pci_addr *found = &group->members[0];

	for (size_t i = 1; i < group->member_count; i++)
		if (pci_addr_compare(&group->members[i], found) < 0)
			found = &group->members[i];
	return found;
}

static int compare_groups(const void *a, const void *b)
{
	const struct selected_group *one = a, *other = b;

	return pci_addr_compare(lowest(one->group), lowest(other->group));
}

static void add_group(struct selection *selection, const struct group *group)
{
	struct selected_group added = {.group = group};
	const struct device *device;
	bool any = false;

	for (size_t at = 0; (device = next_endpoint(selection, group, &at)); any = true) {
		added.video |= device_is_graphics(device);
		added.screen |= facts_is_screen(selection->facts, device);
	}
	if (!any)
		return;
	array_push(selection->groups, selection->group_count, added);
}

/* Without a group no guest can have it: the kernel leaves the IOMMU off for the processor's own. */
static bool has_own_screen(const struct selection *selection)
{
	for (size_t i = 0; i < selection->snapshot->device_count; i++) {
		const struct device *device = &selection->snapshot->devices[i];

		if (device->group == DEVICE_NO_GROUP && facts_is_screen(selection->facts, device))
			return true;
	}
	return false;
}

/* --- what the options name --- */

static bool is_any(const struct selection *selection, const struct selection_list *list)
{
	for (size_t i = 0; i < selection->snapshot->device_count; i++)
		if (matches(selection->facts, list, &selection->snapshot->devices[i]))
			return true;
	return false;
}

/* Modules often have another name than their drivers: xhci_pci has xhci_hcd. Heap. */
static char *driver_hint(const struct selection *selection, const char *name)
{
	for (size_t i = 0; i < selection->snapshot->device_count; i++) {
		const struct driver_value *bound = &selection->snapshot->devices[i].bound;

		if (*bound->module && module_name_equal(bound->module, name))
			return xasprintf(" (the module %s has the driver %s)", name, bound->driver);
	}
	return xstrdup("");
}

/* Calls add with a clause for each driver and id of the list that no device has. */
static void tell_unknown(struct selection *selection, const struct selection_list *list,
			 void (*add)(struct selection *selection, char *clause))
{
	for (size_t i = 0; i < list->driver_count; i++) {
		const struct selection_list one = {.drivers = &list->drivers[i], .driver_count = 1};
		auto_free char *hint = driver_hint(selection, list->drivers[i]);

		if (!is_any(selection, &one))
			add(selection, xasprintf("no device of this host has the driver %s%s",
						 list->drivers[i], hint));
	}
	for (size_t i = 0; i < list->id_count; i++) {
		const struct selection_list one = {.ids = &list->ids[i], .id_count = 1};

		if (!is_any(selection, &one))
			add(selection, xasprintf("no device of this host has the ids %04x:%04x",
						 list->ids[i].vendor, list->ids[i].device));
	}
}

/* Others of the list may have been found. */
static void add_note(struct selection *selection, char *clause)
{
	array_push(selection->notes, selection->note_count, clause);
}

static void add_left_in(struct selection *selection, char *clause)
{
	add_problem(selection,
		    xasprintf("%s, and so nothing is left out by it: mend that option", clause));
	free(clause);
}

/* By a wrong word what was to stay with the host would be reserved. */
static void check_excluded(struct selection *selection, const struct selection_list *list)
{
	for (size_t i = 0; i < list->addr_count; i++)
		if (!snapshot_device(selection->snapshot, &list->addrs[i]))
			add_left_in(selection,
				    xasprintf("no PCI device is at %s", ADDR(&list->addrs[i])));
	for (size_t i = 0; i < list->range_count; i++)
		if (list->ranges[i].first == list->ranges[i].last &&
		    !snapshot_group(selection->snapshot, list->ranges[i].first))
			add_left_in(selection, xasprintf("this host has no IOMMU group %d",
							 list->ranges[i].first));
	tell_unknown(selection, list, add_left_in);
}

#define WHAT_TO_DO "\"hostdevctl generate dynamic\" says what this host needs for it"

/* Where nothing has a group, nothing can be selected by groups. */
static void check_selected_groups(struct selection *selection, const struct selection_list *list)
{
	if (selection->snapshot->group_count == 0 && (list->all || list->range_count > 0)) {
		add_problem(selection,
			    xstrdup("this host has no IOMMU groups: the IOMMU is off, or "
				    "not there; " WHAT_TO_DO));
		return;
	}
	for (size_t i = 0; i < list->range_count; i++)
		if (list->ranges[i].first == list->ranges[i].last &&
		    !snapshot_group(selection->snapshot, list->ranges[i].first))
			add_problem(selection, xasprintf("this host has no IOMMU group %d",
							 list->ranges[i].first));
}

/* What was named must be there, have a group, and be no bridge. */
static void check_named(struct selection *selection, const struct selection_list *list,
			bool without_groups)
{
	for (size_t i = 0; i < list->addr_count; i++) {
		const struct device *device = snapshot_device(selection->snapshot, &list->addrs[i]);

		if (!device)
			add_problem(selection,
				    xasprintf("no PCI device is at %s", ADDR(&list->addrs[i])));
		else if (!selection_is_endpoint(device))
			add_problem(selection,
				    xasprintf("%s is a bridge, which no guest can have; the "
					      "devices behind it can be named",
					      LABEL(device)));
	}
	for (size_t i = 0; !without_groups && i < selection->snapshot->device_count; i++) {
		const struct device *device = &selection->snapshot->devices[i];

		if (device->group == DEVICE_NO_GROUP && selection_names(selection, device))
			add_problem(selection,
				    xasprintf("%s is in no IOMMU group: the IOMMU is off, or not "
					      "there; " WHAT_TO_DO,
					      LABEL(device)));
	}
	if (!without_groups || selection->snapshot->group_count > 0)
		check_selected_groups(selection, list);
	tell_unknown(selection, list, add_note);
}

void selection_make(const struct generate_facts *facts, const struct selection_wishes *wishes,
		    struct selection *ret)
{
	const struct snapshot *snapshot = facts->snapshot;
	struct selection selection = {.facts = facts, .snapshot = snapshot, .wishes = wishes};

	for (size_t i = 0; i < snapshot->group_count; i++)
		add_group(&selection, &snapshot->groups[i]);
	if (selection.group_count > 1)
		qsort(selection.groups, selection.group_count, sizeof(*selection.groups),
		      compare_groups);
	selection.own_screen = has_own_screen(&selection);
	check_named(&selection, &wishes->include, wishes->without_groups);
	check_excluded(&selection, &wishes->exclude);
	for (size_t i = 0; i < selection.group_count; i++)
		select_group(&selection, &selection.groups[i], wishes);
	*ret = selection;
}

const char *selection_why_none(const struct selection *selection)
{
	bool named = selection->wishes->include.all && selection->group_count > 0;

	for (size_t i = 0; i < selection->group_count; i++)
		named |= selection->groups[i].named;
	return named ? "what was named is left out again by other options"
		     : "no device of this host is what was named";
}
