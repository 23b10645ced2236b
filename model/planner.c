// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what a guest names to what it takes: which functions go along, and which of them or of
 * their mates forbid it.
 */
#include "model/planner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner-internal.h"

/* --- what every part of the planner asks of the plan in the making, or adds to it --- */

const struct taken *planner_taken(const struct planner *planner, const struct pci_addr *addr)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		if (pci_addr_equal(&planner->taken[i].device->addr, addr))
			return &planner->taken[i];
	return NULL;
}

bool planner_has_taken(const struct planner *planner, const struct device *device)
{
	return planner_taken(planner, &device->addr) != NULL;
}

bool planner_loses(const struct planner *planner, const struct device *device)
{
	const struct taken *taken = planner_taken(planner, &device->addr);

	return taken && !taken->left;
}

bool planner_is_elsewhere(const struct planner *planner, bool has_addr, const struct pci_addr *addr)
{
	return has_addr && snapshot_claim(planner->snapshot, addr, planner->guest->uuid);
}

void planner_refuse(struct planner *planner, enum refusal_kind kind, const struct pci_addr *addr,
		    const struct device *mate, const struct claim *claim)
{
	const struct device *device = snapshot_device(planner->snapshot, addr);
	struct refusal refusal = {
		.kind = kind,
		.addr = *addr,
		.group = device ? device->group : DEVICE_NO_GROUP,
	};

	if (claim)
		refusal_add_claim(&refusal, claim);

	if (mate)
		refusal.mate = mate->addr;
	plan_add_refusal(planner->plan, &refusal);
}

struct device_policy planner_policy(const struct planner *planner, const struct device *device)
{
	return policy_of_device(planner->policy, &device->addr);
}

bool taken_needs_steps(const struct taken *taken)
{
	return !taken->claim_only && !module_name_equal(taken->device->bound.driver, taken->driver);
}

void planner_add_step(struct planner *planner, enum step_kind kind, const char *target,
		      const char *before, const char *after, const char *why)
{
	struct step step = {
		.kind = kind,
		.target = xstrdup(target),
		.before = xstrdup(before),
		.after = xstrdup(after),
		.why = xstrdup(why),
	};

	array_push(planner->plan->steps, planner->plan->step_count, step);
}

/* --- what is taken --- */

static void planner_done(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		free(planner->taken[i].why);
	free(planner->taken);
}

/* What the guest names. why: taken over. */
static struct taken *take(struct planner *planner, const struct device *device,
			  const struct hostdev *hostdev, bool claim_only, char *why)
{
	const char *wanted = snapshot_wanted_driver(device, hostdev);
	const struct vfio_driver *driver = snapshot_vfio_driver(planner->snapshot, wanted);
	struct taken taken = {.device = device, .claim_only = claim_only, .why = why};

	if (driver && driver->registered)
		wanted = driver->registered;
	snprintf(taken.driver, sizeof(taken.driver), "%s", wanted);
	array_push(planner->taken, planner->taken_count, taken);
	return &planner->taken[planner->taken_count - 1];
}

/* What the guest does not name, and has to go with what it names. why: taken over. */
static void take_along(struct planner *planner, const struct device *mate,
		       const struct device *named, enum refusal_tie tie, bool claim_only, char *why)
{
	struct taken *taken = take(planner, mate, NULL, claim_only, why);

	taken->tied_to = named;
	taken->tie = tie;
}

/* A mate whose group may be used beside it. */
static void leave(struct planner *planner, const struct device *mate, const struct device *named,
		  enum refusal_tie tie)
{
	take_along(planner, mate, named, tie, true, xstrdup("left as it is"));
	planner->taken[planner->taken_count - 1].left = true;
}

static bool driver_name_fits(const struct hostdev *hostdev)
{
	/* "kvm" was legacy device assignment, gone since libvirt 5; "xen" is another hypervisor. */
	return !hostdev->driver_name || strcmp(hostdev->driver_name, "vfio") == 0;
}

/* What forbids lending this device whatever its mates are; true when there is nothing. */
static bool check_named(struct planner *planner, const struct hostdev *hostdev,
			const struct device *device)
{
	const struct snapshot *snapshot = planner->snapshot;
	const struct group *group = snapshot_group(snapshot, device->group);
	const struct claim *claim = snapshot_claim(snapshot, &device->addr, planner->guest->uuid);
	size_t before = planner->plan->refusal_count;

	if (device->is_behind)
		planner_refuse(planner, REFUSAL_BEHIND, &device->addr,
			       snapshot_device(snapshot, &device->behind), NULL);
	else if (device->is_bridge || device_is_chipset_bridge(device))
		planner_refuse(planner, REFUSAL_BRIDGE, &device->addr, NULL, NULL);
	else if (device->group == DEVICE_NO_GROUP || !group)
		planner_refuse(planner, REFUSAL_NO_GROUP, &device->addr, NULL, NULL);
	else if (group->noiommu)
		planner_refuse(planner, REFUSAL_NOIOMMU, &device->addr, NULL, NULL);
	else if (claim)
		planner_refuse(planner, REFUSAL_CLAIMED, &device->addr, NULL, claim);
	else if (device->has_vfs)
		planner_refuse(planner, REFUSAL_PF, &device->addr, NULL, NULL);
	else if (!driver_name_fits(hostdev))
		planner_refuse(planner, REFUSAL_DRIVER, &device->addr, NULL, NULL);
	return planner->plan->refusal_count == before;
}

/* Heap. */
static char *why_named(const struct guest *guest, const struct hostdev *hostdev)
{
	if (!guest->by_hand)
		return xasprintf("%s device of %s", hostdev_kind_name(hostdev->kind), guest->name);
	if (strcmp(guest->name, GUEST_NOBODY) == 0)
		return xstrdup("lent by hand");
	return xasprintf("lent by hand for %s", guest->name);
}

static void take_named(struct planner *planner)
{
	for (size_t i = 0; i < planner->guest->hostdev_count; i++) {
		const struct hostdev *hostdev = &planner->guest->hostdevs[i];
		const struct device *device = snapshot_device(planner->snapshot, &hostdev->addr);

		if (!device) {
			planner_refuse_missing(planner, &hostdev->addr);
			continue;
		}
		if (planner_has_taken(planner, device) || !check_named(planner, hostdev, device))
			continue;
		take(planner, device, hostdev, hostdev_is_claim_only(hostdev),
		     why_named(planner->guest, hostdev));
	}
}

/*
 * The kernel lets a guest use a group beside an idle mate (VFIO's group viability). A driver that
 * would come to one without any, while a guest has the group, is turned away with EBUSY (since
 * Linux 5.19): so nothing need be done to keep it away.
 *
 * To have no driver is enough for the group. But a card is reset as a whole, which the kernel does
 * only when VFIO has all of it: what is without a driver on a card goes along with its siblings,
 * and with a whole group. No such reset reaches what is part of the board, and the firmware may use
 * it.
 */
static bool is_left(const struct planner *planner, const struct device *mate,
		    const struct device *sibling)
{
	if (!device_is_idle(mate))
		return false;
	if (*mate->bound.driver || mate->on_board)
		return true;
	return !sibling && planner->policy->group != GROUP_WHOLE;
}

/* A part of the chipset that a driver of the host works with. */
static bool is_needed(const struct planner *planner, const struct device *mate)
{
	if (device_is_chipset_bridge(mate))
		return true;
	if (planner_policy(planner, mate).allow & 1u << USE_CHIPSET)
		return false;
	for (size_t i = 0; i < planner->snapshot->use_count; i++)
		if (planner->snapshot->uses[i].kind == USE_CHIPSET &&
		    pci_addr_equal(&planner->snapshot->uses[i].addr, &mate->addr))
			return true;
	return false;
}

/* Which of the named devices has this mate in its slot and group, or NULL. */
static const struct device *named_sibling(const struct planner *planner, size_t named_count,
					  const struct device *mate)
{
	for (size_t i = 0; i < named_count; i++) {
		const struct device *named = planner->taken[i].device;

		if (named->group == mate->group && pci_addr_same_slot(&named->addr, &mate->addr))
			return named;
	}
	return NULL;
}

/* A member of a named device's group that the guest does not name; sibling: see above. */
static void consider_mate(struct planner *planner, const struct device *named,
			  const struct device *mate, const struct device *sibling)
{
	const struct claim *claim =
		snapshot_claim(planner->snapshot, &mate->addr, planner->guest->uuid);

	/* The group is the guest's already. */
	if (guest_has(planner->guest, &mate->addr))
		return;
	/* It goes with the driver of a device that is in this group as well. */
	if (mate->is_behind && !claim)
		return;
	if (mate->is_bridge || (device_is_chipset_bridge(mate) && !*mate->bound.driver))
		return;
	if (claim)
		planner_refuse(planner, REFUSAL_GROUP_CLAIMED, &named->addr, mate, claim);
	else if (is_left(planner, mate, sibling))
		leave(planner, mate, sibling ? sibling : named, sibling ? TIE_SLOT : TIE_WHOLE);
	else if (is_needed(planner, mate))
		planner_refuse(planner, REFUSAL_MATE_CHIPSET, &named->addr, mate, NULL);
	else if (mate->has_vfs)
		planner_refuse(planner, REFUSAL_MATE_PF, &named->addr, mate, NULL);
	else if (sibling)
		take_along(planner, mate, sibling, TIE_SLOT, false,
			   xasprintf("same slot and group as %s", ADDR(&sibling->addr)));
	else if (planner->policy->group == GROUP_WHOLE)
		take_along(planner, mate, named, TIE_WHOLE, false,
			   xasprintf("group = whole, IOMMU group %d of %s", named->group,
				     ADDR(&named->addr)));
	else
		planner_refuse_mate(planner, named, mate);
}

static void take_mates(struct planner *planner)
{
	size_t named_count = planner->taken_count;

	for (size_t i = 0; i < named_count; i++) {
		const struct device *named = planner->taken[i].device;
		const struct group *group = snapshot_group(planner->snapshot, named->group);

		for (size_t m = 0; m < group->member_count; m++) {
			const struct device *mate =
				snapshot_device(planner->snapshot, &group->members[m]);

			if (mate && !planner_has_taken(planner, mate))
				consider_mate(planner, named, mate,
					      named_sibling(planner, named_count, mate));
		}
	}
}

/*
 * An EHCI driver reads its companions' private data without asking who drives them: with one of
 * them on vfio-pci the kernel corrupts memory. So all of a slot's go, or none.
 */
static void check_companions(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;

		if (!device_class_is_usb2_family(device->class_code))
			continue;
		for (size_t m = 0; m < snapshot->device_count; m++) {
			const struct device *other = &snapshot->devices[m];

			if (device_class_is_usb2_family(other->class_code) &&
			    !planner_has_taken(planner, other) &&
			    pci_addr_same_slot(&device->addr, &other->addr) &&
			    !device_is_on_vfio(other))
				planner_refuse(planner, REFUSAL_COMPANION, &device->addr, other,
					       NULL);
		}
	}
}

/* All that may be refused. */
static void judge_all(struct planner *planner)
{
	const struct pci_addr nowhere = {0};

	if (planner->guest->hostdev_count == 0) {
		planner_note_qemu_devices(planner);
		return;
	}
	if (!planner->snapshot->iommu) {
		planner_refuse(planner, REFUSAL_IOMMU_OFF, &nowhere, NULL, NULL);
		return;
	}
	if (planner_check_running(planner))
		return;
	take_named(planner);
	take_mates(planner);
	planner_note_qemu_devices(planner);
	planner_check_carried(planner);
	check_companions(planner);
	planner_check_iommufd(planner);
	planner_check_pins(planner);
	planner_check_uses(planner);
	planner_check_holders(planner);
	planner_join_refusals(planner);
}

static void judge(struct planner *planner)
{
	judge_all(planner);
	for (size_t i = 0; i < planner->plan->refusal_count; i++)
		planner->plan->refusals[i].by_hand = planner->guest->by_hand;
}

void planner_judge(const struct guest *guest, const struct snapshot *snapshot,
		   const struct policy *policy, struct plan *plan)
{
	__attribute__((__cleanup__(planner_done))) struct planner planner = {
		.guest = guest, .snapshot = snapshot, .policy = policy, .plan = plan};

	judge(&planner);
}

void planner_lend(const struct guest *guest, const struct snapshot *snapshot,
		  const struct policy *policy, struct plan *plan)
{
	__attribute__((__cleanup__(planner_done))) struct planner planner = {
		.guest = guest, .snapshot = snapshot, .policy = policy, .plan = plan};

	judge(&planner);
	if (plan->refusal_count > 0 || planner.taken_count == 0)
		return;
	for (size_t i = 0; i < planner.taken_count; i++)
		plan_add_claim(plan, &planner.taken[i].device->addr);
	planner_add_steps(&planner);
}
