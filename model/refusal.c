// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of a refusal: each kind one sentence about this machine and one about what to do.
 */
#include "model/refusal.h"

#include <stdio.h>

/* What is known of a device by its address; only the address where the snapshot lacks it. */
static struct device_label label_at(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(snapshot, addr);
	struct device_label label;

	if (device)
		return device_label(device);
	snprintf(label.text, sizeof(label.text), "%s", ADDR(addr));
	return label;
}

static const char *driver_of(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(snapshot, addr);

	return device && *device->bound.driver ? device->bound.driver : "none";
}

static void format_mate(const struct refusal *refusal, const struct snapshot *snapshot,
			const char *device, struct text *out)
{
	struct device_label mate = label_at(snapshot, &refusal->mate);
	const char *driver = driver_of(snapshot, &refusal->mate);

	switch (refusal->kind) {
	case REFUSAL_GROUP_CLAIMED:
		text_printf(out,
			    "%s shares IOMMU group %d with %s, which belongs to guest %s; nothing "
			    "was changed. Stop %s first: a group is lent to one guest at a time.",
			    device, refusal->group, mate.text, refusal->guest, refusal->guest);
		break;
	case REFUSAL_MATE:
		text_printf(out,
			    "%s shares IOMMU group %d with %s (driver %s), which the guest does "
			    "not name; nothing was changed. Name it in the guest too, put the card "
			    "into another slot, or set group = whole in the guest's policy to lend "
			    "the group as a whole (hostdev-hook.conf(5)).",
			    device, refusal->group, mate.text, driver);
		break;
	case REFUSAL_MATE_PF:
		text_printf(
			out,
			"%s shares IOMMU group %d with %s, which has virtual functions enabled "
			"and stays with the host; nothing was changed. Put the card into a slot "
			"whose port has ACS, so that each function gets a group of its own.",
			device, refusal->group, mate.text);
		break;
	case REFUSAL_MATE_CHIPSET:
		text_printf(out,
			    "%s shares IOMMU group %d with %s (driver %s), a part of the chipset "
			    "that the host needs; nothing was changed. This device cannot be lent "
			    "on this board.",
			    device, refusal->group, mate.text, driver);
		break;
	default:
		text_printf(out,
			    "%s is a USB 2 controller whose companion %s (driver %s) is in another "
			    "IOMMU group and stays with the host; nothing was changed. The kernel "
			    "cannot drive one without the other: name both in the guest, or "
			    "neither.",
			    device, mate.text, driver);
		break;
	}
}

void refusal_format(const struct refusal *refusal, const struct snapshot *snapshot,
		    struct text *out)
{
	struct device_label device = label_at(snapshot, &refusal->addr);

	switch (refusal->kind) {
	case REFUSAL_IOMMU_OFF:
		text_printf(out, "this host has no IOMMU groups; nothing was changed. Switch on "
				 "VT-d or AMD-Vi in the firmware set-up; on Intel also boot with "
				 "intel_iommu=on.");
		break;
	case REFUSAL_MISSING:
		text_printf(out,
			    "there is no PCI device %s on this host; nothing was changed. Correct "
			    "the address in the guest (lspci -D lists them): addresses move when "
			    "cards or firmware change.",
			    device.text);
		break;
	case REFUSAL_NO_GROUP:
		text_printf(out,
			    "%s is in no IOMMU group; nothing was changed. The IOMMU does not "
			    "cover this device, so it cannot be lent.",
			    device.text);
		break;
	case REFUSAL_NOIOMMU:
		text_printf(out,
			    "IOMMU group %d of %s is of VFIO's no-IOMMU mode, in which the guest "
			    "could write all of the host's memory; nothing was changed. Switch on "
			    "the IOMMU and remove enable_unsafe_noiommu_mode.",
			    refusal->group, device.text);
		break;
	case REFUSAL_BRIDGE:
		text_printf(out,
			    "%s is a bridge; nothing was changed. Only endpoints can be lent: name "
			    "the device behind it.",
			    device.text);
		break;
	case REFUSAL_PF:
		text_printf(out,
			    "%s has virtual functions enabled; nothing was changed. Name one of "
			    "them instead, or disable them (sriov_numvfs = 0).",
			    device.text);
		break;
	case REFUSAL_CLAIMED:
		text_printf(out, "%s belongs to guest %s; nothing was changed. Stop %s first.",
			    device.text, refusal->guest, refusal->guest);
		break;
	case REFUSAL_DRIVER:
		text_printf(out,
			    "<driver name=> of %s is not vfio; nothing was changed. Remove it, or "
			    "set name='vfio'.",
			    device.text);
		break;
	default:
		format_mate(refusal, snapshot, device.text, out);
		break;
	}
}
