// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of a refusal: each kind one sentence about this machine and one about what to do.
 */
#include "model/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void refusal_done(struct refusal *refusal)
{
	free(refusal->guest);
	free(refusal->evidence);
	free(refusal->advice);
	memset(refusal, 0, sizeof(*refusal));
}

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

/* Why each use forbids the lending (behind the evidence), and what to do. */
static const struct {
	const char *why, *advice;
} uses[USE_KINDS] = {
	[USE_MOUNT] = {"taking it would destroy data", "Unmount it first"},
	[USE_SWAP] = {"taking it would crash what is swapped out to it",
		      "Switch it off (swapoff) first"},
	[USE_STACKED] = {"taking it would destroy data", "Take that apart first"},
	[USE_MEMBER] = {"taking it would destroy data", "Unmount it first"},
	[USE_CLAIMED] = {"taking it would destroy data",
			 "Find out what uses it (lsblk, zpool status) and end that first"},
	[USE_EXPORTED] = {"whoever uses it from there would lose data",
			  "Take it out of that export first"},
	[USE_MEDIATED] = {"it would vanish with them",
			  "Stop the guests that use them, and the mediated devices (mdevctl stop)"},
	[USE_MEMORY] = {"the host would lose that memory",
			"Take the memory away from the host first (cxl, daxctl)"},
	[USE_WATCHDOG] = {"letting it go resets the host", "Switch the watchdog off first"},
	[USE_IMAGE] = {"it would vanish below the guest's own feet",
		       "Move the image to another disk, or do not lend this one"},
	[USE_UNREADABLE] = {"whether it is in use cannot be known", "Mend that first"},
	[USE_DEFAULT_ROUTE] = {"the host would be cut off", "Move the route to another interface"},
	[USE_SSH] = {"that login would be cut off", "Log in over another interface"},
	[USE_UPPER] = {"the host would lose what stands on it", "Take it out of there first"},
	[USE_NETWORK_ROOT] = {"the host would lose its root file system",
			      "Reach that server over another interface"},
	[USE_NETWORK_MOUNT] = {"the host would lose it",
			       "Unmount it, or reach that server over another interface"},
	[USE_NETNS] = {"whoever uses it there would be cut off",
		       "Bring its interface back to this network namespace"},
	[USE_KEYBOARD] = {"it is the only keyboard of this host",
			  "Plug a keyboard in elsewhere, or be sure to have another way in"},
	[USE_CONSOLE] = {"the host would have no console", "Be sure to have another way in"},
	[USE_IGPU] = {"few hosts survive its loss", "Be sure that the host needs no display"},
	[USE_CHIPSET] = {"the host itself needs it", "Do not lend it unless you know better"},
	[USE_HUNG_TASK] =
		{"a driver may hang when it lets go of its device",
		 "Switch that off (sysctl kernel.hung_task_panic=0), or trust this driver"},
	[USE_NVIDIA] =
		{"its driver would wait for them for ever, and with it the host",
		 "Stop nvidia-persistenced, switch persistence mode off (nvidia-smi -pm 0) and "
		 "end what uses the card"},
};

/* Is the evidence about the device itself, not about something that hangs from it? */
static bool speaks_of_device(enum use_kind kind)
{
	return kind == USE_IGPU || kind == USE_CHIPSET;
}

static void format_use(const struct refusal *refusal, const char *device, struct text *out)
{
	const char *allow = use_allow_name(refusal->use);

	text_printf(out, "%s%s %s, and %s; nothing was changed. %s", device,
		    speaks_of_device(refusal->use) ? "" : ":", refusal->evidence,
		    uses[refusal->use].why, uses[refusal->use].advice);
	if (allow)
		text_printf(out,
			    ", and set allow = %s in the guest's policy to lend it all the "
			    "same (hostdev-hook.conf(5))",
			    allow);
	text_printf(out, ".");
}

static void format_evidence(const struct refusal *refusal, const struct snapshot *snapshot,
			    const char *device, struct text *out)
{
	switch (refusal->kind) {
	case REFUSAL_USE:
		format_use(refusal, device, out);
		break;
	case REFUSAL_HOLDER:
		text_printf(out, "%s is held by %s; nothing was changed. %s", device,
			    refusal->evidence, refusal->advice);
		break;
	case REFUSAL_UNREADABLE:
		text_printf(out,
			    "whether %s is in use cannot be known, as it cannot be seen what %s "
			    "has open; nothing was changed. Only root may see it, and confinement "
			    "(AppArmor, SELinux, hidepid) may keep even root from it.",
			    device, refusal->evidence);
		break;
	case REFUSAL_IDENTITY:
		text_printf(out,
			    "%s is not the device that was first lent: %s; nothing was changed. "
			    "Correct the address in the guest, or, if this is the device you mean, "
			    "run: hostdevctl repin GUEST.",
			    device, refusal->evidence);
		break;
	default:
		format_mate(refusal, snapshot, device, out);
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
		format_evidence(refusal, snapshot, device.text, out);
		break;
	}
}
