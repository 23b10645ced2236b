// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest's XML asks of the host beside its devices, or names without its being lent.
 * Tests: model/test-cases.c, model/test-answers.c.
 */
#include "base/text.h"
#include "model/planner-internal.h"

/*
 * A start would get as far as QEMU, with every device bound and every session ended for nothing.
 * For what a group needs iommufd makes no difference: a mate on a driver of the host is in its way,
 * too.
 */
void planner_check_iommufd(struct planner *planner)
{
	const char *lacks = planner->snapshot->iommufd_lacks;

	for (size_t i = 0; lacks && i < planner->guest->hostdev_count; i++) {
		const struct hostdev *hostdev = &planner->guest->hostdevs[i];
		struct refusal refusal = {.kind = REFUSAL_IOMMUFD, .addr = hostdev->addr};

		if (!hostdev->iommufd)
			continue;
		/* All the others have the same cause. */
		refusal.evidence = xstrdup(lacks);
		plan_add_refusal(planner->plan, &refusal);
		return;
	}
}

void planner_note_qemu_devices(struct planner *planner)
{
	for (size_t i = 0; i < planner->guest->qemu_device_count; i++) {
		const struct qemu_device *device = &planner->guest->qemu_devices[i];

		const struct device *known = snapshot_device(planner->snapshot, &device->addr);

		/* One that goes along with a host device is on VFIO by then, as QEMU needs it. */
		if (!guest_hostdev(planner->guest, &device->addr) &&
		    !(known && planner_has_taken(planner, known)))
			plan_add_note(planner->plan, qemu_device_note(device));
	}
}

void planner_refuse_mate(struct planner *planner, const struct device *named,
			 const struct device *mate)
{
	const struct qemu_device *given = guest_qemu_device(planner->guest, &mate->addr);
	struct refusal refusal = {.kind = REFUSAL_MATE,
				  .addr = named->addr,
				  .mate = mate->addr,
				  .group = named->group};

	if (given)
		refusal.advice = xasprintf("%s stands in <%s>, which lends nothing: name it in "
					   "a <hostdev>",
					   ADDR(&mate->addr), given->element);
	plan_add_refusal(planner->plan, &refusal);
}

/* The functions of a card go and come together, and so does what is said of them. */
static bool is_said(const struct plan *plan, const struct absence *absence)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (plan->refusals[i].kind == REFUSAL_MISSING &&
		    pci_addr_same_slot(&plan->refusals[i].addr, &absence->addr) &&
		    text_equal(plan->refusals[i].evidence, absence->evidence))
			return true;
	return false;
}

void planner_refuse_missing(struct planner *planner, const struct pci_addr *addr)
{
	const struct absence *absence = snapshot_absence(planner->snapshot, addr);
	struct refusal refusal = {.kind = REFUSAL_MISSING, .addr = *addr};

	if (absence && is_said(planner->plan, absence))
		return;
	if (absence) {
		refusal.evidence = xstrdup(absence->evidence);
		refusal.advice = xstrdup(absence->advice);
	}
	plan_add_refusal(planner->plan, &refusal);
}
