// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IOMMU groups: do their devices show themselves, and are they as they were when they were last
 * lent? A new kernel, the firmware or another slot changes them.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "model/loan-change.h"
#include "model/parting.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "state/pins.h"

#define GROUPS "kernel/iommu_groups"

/* --- hidden devices --- */

static void check_member(struct check *check, const char *group, const char *name)
{
	struct pci_addr addr;

	if (!pci_addr_parse(name, &addr) ||
	    host_exists(check->host, HOST_SYS, "bus/pci/devices/%s/vendor", name))
		return;
	check_problem(check, FIND_DEVICE_HIDDEN, name,
		      "is in IOMMU group %s, and its folder in /sys cannot be seen: a filter hides "
		      "it, and libvirt and the hook take it for missing%s",
		      group,
		      check_has_process(check->host, "cardwired")
			      ? "; cardwired runs, and can let it be seen"
			      : "");
}

static void check_hidden(struct check *check)
{
	cleanup(host_free_names) char **groups = NULL;

	if (host_list(check->host, HOST_SYS, &groups, NULL, NULL, GROUPS) < 0)
		return;
	for (size_t i = 0; groups[i]; i++) {
		cleanup(host_free_names) char **names = NULL;

		if (host_list(check->host, HOST_SYS, &names, NULL, NULL, GROUPS "/%s/devices",
			      groups[i]) < 0)
			continue;
		for (size_t j = 0; names[j]; j++)
			check_member(check, groups[i], names[j]);
	}
}

/* --- changes --- */

static void name_members(const struct loan *loan, struct guest *guest)
{
	guest->name = xstrdup("");
	for (size_t i = 0; i < loan->group_count; i++)
		for (size_t j = 0; j < loan->groups[i].member_count; j++)
			guest_add_hostdev(guest, &loan->groups[i].members[j].addr);
}

/* What has joined forbids a start: what helps, besides another kernel. */
static char *way_out(const struct snapshot *snapshot, const struct loan_group *then,
		     const struct pci_addr *used)
{
	auto_free char *parting = parting_by_slot(snapshot, &then->members[0].addr, used, 1);

	return xasprintf(" A start is refused while they share a group, unless all of them may go "
			 "along.%s%s%s",
			 parting ? " " : "", parting ? parting : "", parting ? "." : "");
}

static void tell_group(struct check *check, const struct snapshot *snapshot,
		       const struct loan_group *then)
{
	auto_text struct text told = TEXT_INIT;
	struct pci_addr used = {0};
	enum loan_change change = loan_tell_group(snapshot, then, &used, &told);
	const char *guest = snapshot->loan.guest ? snapshot->loan.guest : "a guest";
	auto_free char *help = change == LOAN_USED ? way_out(snapshot, then, &used) : NULL;

	if (change == LOAN_SAME)
		return;
	findings_add(&check->findings, change == LOAN_LEFT ? FIND_GROUP_LEFT : FIND_GROUP_JOINED,
		     change == LOAN_USED ? FINDING_PROBLEM : FINDING_NOTE,
		     ADDR(&then->members[0].addr), "was lent to %s. %s%s", guest, told.data,
		     help ? help : "");
}

static int group_of(const struct snapshot *snapshot, const struct loan_group *group)
{
	const struct device *device = snapshot_device(snapshot, &group->members[0].addr);

	return device ? device->group : DEVICE_NO_GROUP;
}

/* What were several groups may be one now, of which there is one thing to tell. */
static bool is_told(const struct snapshot *snapshot, size_t index)
{
	int group = group_of(snapshot, &snapshot->loan.groups[index]);

	for (size_t i = 0; i < index && group != DEVICE_NO_GROUP; i++)
		if (group_of(snapshot, &snapshot->loan.groups[i]) == group)
			return true;
	return false;
}

static void check_loan(struct check *check, const char *uuid)
{
	struct snapshot remembered = {0}, snapshot = {0};
	auto_guest struct guest guest = {0};

	pins_read_loan(check->host, uuid, &remembered);
	name_members(&remembered.loan, &guest);
	if (guest.hostdev_count > 0 && pci_snapshot(check->host, &guest, &snapshot, NULL) == 0) {
		names_fill(&snapshot);
		snapshot.loan = remembered.loan;
		snapshot.kernel = remembered.kernel;
		remembered.loan = (struct loan){0};
		remembered.kernel = NULL;
		for (size_t i = 0; i < snapshot.loan.group_count; i++)
			if (!is_told(&snapshot, i))
				tell_group(check, &snapshot, &snapshot.loan.groups[i]);
	}
	snapshot_done(&snapshot);
	snapshot_done(&remembered);
}

void check_groups(struct check *check)
{
	cleanup(host_free_names) char **names = NULL;

	check_hidden(check);
	if (host_list(check->host, HOST_VAR, &names, NULL, NULL, PINS_DIR) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *uuid = xasprintf("%.*s", UUID_TEXT_SIZE - 1, names[i]);

		if (guest_uuid_valid(uuid) &&
		    strcmp(names[i] + UUID_TEXT_SIZE - 1, LOAN_SUFFIX) == 0)
			check_loan(check, uuid);
	}
}
