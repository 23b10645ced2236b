// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what a guest names to what must change: which functions go along, which stand in the way,
 * and in which order cells are set. Looks at the snapshot alone.
 */
#include "model/planner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A device that will belong to the guest. */
struct taken {
	const struct device *device;
	char driver[CELL_NAME_SIZE]; /* the VFIO driver it shall have */
	bool claim_only;             /* no step of ours */
	char *why;                   /* heap */
};

struct planner {
	const struct guest *guest;
	const struct snapshot *snapshot;
	const struct policy *policy;
	struct plan *plan;
	struct taken *taken;
	size_t taken_count;
};

static void planner_done(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		free(planner->taken[i].why);
	free(planner->taken);
}

static void refuse(struct planner *planner, enum refusal_kind kind, const struct pci_addr *addr,
		   const struct device *mate, const struct claim *claim)
{
	const struct device *device = snapshot_device(planner->snapshot, addr);
	struct refusal refusal = {
		.kind = kind,
		.addr = *addr,
		.group = device ? device->group : DEVICE_NO_GROUP,
		.guest = claim ? text_escape(claim->guest) : NULL,
	};

	if (mate)
		refusal.mate = mate->addr;
	plan_add_refusal(planner->plan, &refusal);
}

static bool is_taken(const struct planner *planner, const struct device *device)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		if (planner->taken[i].device == device)
			return true;
	return false;
}

static void take(struct planner *planner, const struct device *device,
		 const struct hostdev *hostdev, bool claim_only, char *why)
{
	const char *wanted = snapshot_wanted_driver(device, hostdev);
	const struct vfio_driver *driver = snapshot_vfio_driver(planner->snapshot, wanted);
	struct taken taken = {.device = device, .claim_only = claim_only, .why = why};

	if (driver && driver->registered)
		wanted = driver->registered;
	snprintf(taken.driver, sizeof(taken.driver), "%s", wanted);
	planner->taken = array_grow(planner->taken, planner->taken_count, sizeof(taken));
	planner->taken[planner->taken_count++] = taken;
}

static bool driver_name_fits(const struct hostdev *hostdev)
{
	/* "kvm" was legacy device assignment, gone since libvirt 5; "xen" is another hypervisor. */
	return !hostdev->driver_name || strcmp(hostdev->driver_name, "vfio") == 0;
}

/* Base class 06 with an ordinary header: host and ISA bridges, which own no DMA of their own. */
static bool is_chipset_bridge(const struct device *device)
{
	return device->class_code >> 16 == 0x06;
}

/* What forbids lending this device whatever its mates are; true when there is nothing. */
static bool check_named(struct planner *planner, const struct hostdev *hostdev,
			const struct device *device)
{
	const struct snapshot *snapshot = planner->snapshot;
	const struct group *group = snapshot_group(snapshot, device->group);
	const struct claim *claim = snapshot_claim(snapshot, &device->addr, planner->guest->uuid);
	size_t before = planner->plan->refusal_count;

	if (device->is_bridge || is_chipset_bridge(device))
		refuse(planner, REFUSAL_BRIDGE, &device->addr, NULL, NULL);
	else if (device->group == DEVICE_NO_GROUP || !group)
		refuse(planner, REFUSAL_NO_GROUP, &device->addr, NULL, NULL);
	else if (group->noiommu)
		refuse(planner, REFUSAL_NOIOMMU, &device->addr, NULL, NULL);
	else if (claim)
		refuse(planner, REFUSAL_CLAIMED, &device->addr, NULL, claim);
	else if (device->has_vfs)
		refuse(planner, REFUSAL_PF, &device->addr, NULL, NULL);
	else if (!driver_name_fits(hostdev))
		refuse(planner, REFUSAL_DRIVER, &device->addr, NULL, NULL);
	return planner->plan->refusal_count == before;
}

static void take_named(struct planner *planner)
{
	for (size_t i = 0; i < planner->guest->hostdev_count; i++) {
		const struct hostdev *hostdev = &planner->guest->hostdevs[i];
		const struct device *device = snapshot_device(planner->snapshot, &hostdev->addr);

		if (!device) {
			refuse(planner, REFUSAL_MISSING, &hostdev->addr, NULL, NULL);
			continue;
		}
		if (is_taken(planner, device) || !check_named(planner, hostdev, device))
			continue;
		take(planner, device, hostdev, hostdev_is_claim_only(hostdev),
		     xasprintf("%s device of %s", hostdev_kind_name(hostdev->kind),
			       planner->guest->name));
	}
}

/* Drivers beside which the kernel lets a group be used by a guest (VFIO's group viability). */
static bool leaves_group_viable(const struct device *mate)
{
	return driver_is_vfio(mate->bound.driver) || strcmp(mate->bound.driver, "pci-stub") == 0;
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

	if (mate->is_bridge || (is_chipset_bridge(mate) && !*mate->bound.driver))
		return;
	if (is_chipset_bridge(mate) && !leaves_group_viable(mate))
		refuse(planner, REFUSAL_MATE_CHIPSET, &named->addr, mate, NULL);
	else if (claim)
		refuse(planner, REFUSAL_GROUP_CLAIMED, &named->addr, mate, claim);
	else if (mate->has_vfs)
		refuse(planner, REFUSAL_MATE_PF, &named->addr, mate, NULL);
	else if (leaves_group_viable(mate))
		take(planner, mate, NULL, true, xstrdup("left as it is"));
	else if (sibling)
		take(planner, mate, NULL, false,
		     xasprintf("same slot and group as %s", ADDR(&sibling->addr)));
	else if (planner->policy->group == GROUP_WHOLE)
		take(planner, mate, NULL, false,
		     xasprintf("group = whole, IOMMU group %d of %s", named->group,
			       ADDR(&named->addr)));
	else
		refuse(planner, REFUSAL_MATE, &named->addr, mate, NULL);
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

			if (mate && !is_taken(planner, mate))
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

		if (!device_is_usb2_family(device))
			continue;
		for (size_t m = 0; m < snapshot->device_count; m++) {
			const struct device *other = &snapshot->devices[m];

			if (device_is_usb2_family(other) && !is_taken(planner, other) &&
			    pci_addr_same_slot(&device->addr, &other->addr) &&
			    !driver_is_vfio(other->bound.driver))
				refuse(planner, REFUSAL_COMPANION, &device->addr, other, NULL);
		}
	}
}

/* Has this device anything to change? On the wanted driver already, it stays there for good. */
static bool needs_steps(const struct taken *taken)
{
	return !taken->claim_only && !module_name_equal(taken->device->bound.driver, taken->driver);
}

static void add_step(struct planner *planner, enum step_kind kind, const char *target,
		     const char *before, const char *after, const char *why)
{
	struct step step = {
		.kind = kind,
		.target = xstrdup(target),
		.before = xstrdup(before),
		.after = xstrdup(after),
		.why = xstrdup(why),
	};

	plan_add_step(planner->plan, &step);
}

static bool has_module_step(const struct plan *plan, const char *module)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_MODULE &&
		    module_name_equal(plan->steps[i].target, module))
			return true;
	return false;
}

static void add_module_step(struct planner *planner, const struct taken *taken)
{
	const struct vfio_driver *driver = snapshot_vfio_driver(planner->snapshot, taken->driver);
	auto_free char *why = NULL;

	/* Found under its registered spelling only when it is registered. */
	if (!driver || driver->registered || has_module_step(planner->plan, taken->driver))
		return;
	why = xasprintf("VFIO driver for %s", ADDR(&taken->device->addr));
	add_step(planner, STEP_MODULE, taken->driver, "absent", "loaded", why);
}

/*
 * Kept awake while drivers change hands: a function suspended beside its siblings has hung hosts.
 * Planned even where it is "on" already, as vfio-pci and the home driver both change it.
 */
static void add_power_step(struct planner *planner, const struct taken *taken)
{
	struct power_value value = taken->device->power;
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];

	if (!*value.control)
		return;
	power_value_format(&value, before);
	strcpy(value.control, "on");
	power_value_format(&value, after);
	add_step(planner, STEP_POWER, ADDR(&taken->device->addr), before, after,
		 "awake while its driver changes");
}

static void waiting_value(const struct taken *taken, char text[CELL_VALUE_SIZE])
{
	struct driver_value value = {0};

	strcpy(value.override, taken->driver);
	driver_value_format(&value, text);
}

static void add_unbind_step(struct planner *planner, const struct taken *taken)
{
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];

	driver_value_format(&taken->device->bound, before);
	waiting_value(taken, after);
	if (strcmp(before, after) != 0)
		add_step(planner, STEP_DRIVER, ADDR(&taken->device->addr), before, after,
			 taken->why);
}

static void add_bind_step(struct planner *planner, const struct taken *taken)
{
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];
	struct driver_value value = {0};

	waiting_value(taken, before);
	strcpy(value.driver, taken->driver);
	strcpy(value.override, taken->driver);
	driver_value_format(&value, after);
	add_step(planner, STEP_DRIVER, ADDR(&taken->device->addr), before, after, taken->why);
}

/* One phase over all devices before the next begins: everything is let go before any is bound. */
static void add_steps(struct planner *planner)
{
	static void (*const phases[])(struct planner *, const struct taken *) = {
		add_module_step, add_power_step, add_unbind_step, add_bind_step};

	for (size_t phase = 0; phase < sizeof(phases) / sizeof(phases[0]); phase++)
		for (size_t i = 0; i < planner->taken_count; i++)
			if (needs_steps(&planner->taken[i]))
				phases[phase](planner, &planner->taken[i]);
}

void plan_lend(const struct guest *guest, const struct snapshot *snapshot,
	       const struct policy *policy, struct plan *plan)
{
	__attribute__((__cleanup__(planner_done))) struct planner planner = {
		.guest = guest, .snapshot = snapshot, .policy = policy, .plan = plan};
	const struct pci_addr nowhere = {0};

	if (guest->hostdev_count == 0)
		return;
	if (!snapshot->iommu) {
		refuse(&planner, REFUSAL_IOMMU_OFF, &nowhere, NULL, NULL);
		return;
	}
	take_named(&planner);
	take_mates(&planner);
	check_companions(&planner);
	if (plan->refusal_count > 0)
		return;
	for (size_t i = 0; i < planner.taken_count; i++)
		plan_add_claim(plan, &planner.taken[i].device->addr);
	add_steps(&planner);
}
