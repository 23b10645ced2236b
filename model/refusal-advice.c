// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What to do about each kind of refusal, in one sentence.
 * Tests: model/test-cases.c, model/test-answers.c.
 */
#include "model/refusal-words.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/iommu.h"
#include "model/loan-change.h"

static void advise_use(const struct refusal *refusal, struct text *out)
{
	if (refusal_goes_only_together(refusal))
		text_printf(out, "%s %s%s: on this board the two only go together.",
			    refusal->by_hand ? "Do not lend" : "Take", ADDR(&refusal->named),
			    refusal->by_hand ? "" : " out of the guest");
	else
		text_printf(out, "%s. %s%s.", refusal_use_words(refusal->use).loss,
			    refusal->advice ? refusal->advice
					    : refusal_use_words(refusal->use).advice,
			    refusal->evidence + refusal_words_detail(refusal));
}

/* More fit no box. */
#define MATES_TOLD 3

/* As one word of a command: a driver's name may have blanks. Heap. */
static char *unbind_path(const struct device *device)
{
	auto_free char *path = xasprintf("/sys/bus/pci/drivers/%s/unbind",
					 device ? device->bound.driver : "DRIVER");

	return text_quote(path);
}

/* Without a driver it does not make the group unusable, and may stay where it is. */
static void advise_chipset(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	const struct pci_addr *mate = &refusal->mate;
	auto_free char *path = unbind_path(snapshot_device(words->snapshot, mate));

	text_printf(out, "Take its driver off it");
	for (size_t i = 0; i < refusal->more_mate_count && i < MATES_TOLD; i++) {
		const struct device *more =
			snapshot_device(words->snapshot, &refusal->more_mates[i]);

		text_printf(out, ", and %s off %s", more ? more->bound.driver : "DRIVER",
			    ADDR(&refusal->more_mates[i]));
	}
	if (refusal->more_mate_count > MATES_TOLD)
		text_printf(out, " and %zu more", refusal->more_mate_count - MATES_TOLD);
	text_printf(out, ", once after each boot: echo %s > %s", ADDR(mate), path);
	for (size_t i = 0; i < refusal->more_mate_count && i < 3; i++)
		text_printf(out, "%s%s", i ? ", " : " (and the same for ",
			    ADDR(&refusal->more_mates[i]));
	if (refusal->more_mate_count > 0)
		text_printf(out, ")");
}

/* The guest does not run: nobody can stop it. */
static void advise_recovery(const struct refusal *refusal, struct text *out)
{
	auto_free char *guest = text_quote(refusal->guest);

	text_printf(out,
		    "Run \"hostdevctl recover %s%s\", which tries to return it again and tells "
		    "what keeps it.",
		    *refusal->guest == '-' ? "-- " : "", guest);
}

/* How whoever has it can be made to give it back. */
static void advise_claimed(const struct refusal *refusal, struct text *out)
{
	const struct pci_addr *addr =
		refusal->kind == REFUSAL_CLAIMED ? &refusal->addr : &refusal->mate;

	if (refusal->lent_by_hand)
		text_printf(out, "\"hostdevctl return %s\" gives it back.", ADDR(addr));
	else if (refusal->over)
		advise_recovery(refusal, out);
	else if (refusal->kind == REFUSAL_GROUP_CLAIMED)
		text_printf(out, "Stop %s first: a group is lent to one guest at a time.",
			    refusal->guest);
	else
		text_printf(out, "Stop %s first.", refusal->guest);
}

static void advise_identity(const struct refusal_words *words, struct text *out)
{
	auto_free char *guest = text_quote(words->guest);

	text_printf(out,
		    "Choose the right device in the guest's settings, or, if this one is meant: "
		    "hostdevctl repin %s%s",
		    *words->guest == '-' ? "-- " : "", guest);
}

static void advise_iommu(const struct snapshot *snapshot, struct text *out)
{
	static const struct iommu unknown = {0};
	auto_free char *usual = iommu_advice(&unknown);

	text_printf(out, "%s", snapshot->iommu_advice ? snapshot->iommu_advice : usual);
}

/* Where there is no guest to be changed; NULL: what holds for a guest holds here. */
static const char *advice_by_hand(enum refusal_kind kind)
{
	switch (kind) {
	case REFUSAL_MISSING:
		return "Correct the address: lspci -D lists the devices of this host.";
	case REFUSAL_NO_GROUP:
		return "The IOMMU does not cover this device, so it cannot be lent.";
	case REFUSAL_BRIDGE:
		return "Name the device behind it.";
	case REFUSAL_COMPANION:
		return "Name all parts of it, or none: the kernel cannot drive them apart.";
	default:
		return NULL;
	}
}

static const char *plain_advice(enum refusal_kind kind)
{
	switch (kind) {
	case REFUSAL_NO_GROUP:
		return "The IOMMU does not cover this device: remove it from the guest.";
	case REFUSAL_NOIOMMU:
		return "Switch on the IOMMU, and remove enable_unsafe_noiommu_mode.";
	case REFUSAL_BRIDGE:
		return "Name the device behind it in the guest.";
	case REFUSAL_PF:
		return "Name one of these instead, or disable them (sriov_numvfs = 0).";
	case REFUSAL_DRIVER:
		return "Remove it from the guest's XML, or set name='vfio'.";
	case REFUSAL_RUNNING:
		return "A guest is lent its devices once: stop it before it is started again.";
	case REFUSAL_IOMMUFD:
		return "Take iommufd out of the guest, or boot a kernel built with that option.";
	case REFUSAL_UNREADABLE:
		return "Only root may see it; AppArmor, SELinux or hidepid may keep even root from "
		       "it.";
	case REFUSAL_COMPANION:
		return "Name all parts of it in the guest, or none: the kernel cannot drive them "
		       "apart.";
	default:
		return "Correct the address in the guest: addresses move when cards or firmware "
		       "change (lspci -D lists them).";
	}
}

static void advise_functions(const struct refusal_words *words, struct text *out)
{
	auto_free char *parting = refusal_words_parting(words);

	text_printf(out, "%s%s (sriov_numvfs = 0).", parting ? parting : "",
		    parting ? ", or disable them" : "Disable them");
}

void refusal_words_advice(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;

	switch (refusal->kind) {
	case REFUSAL_IOMMU_OFF:
		advise_iommu(words->snapshot, out);
		break;
	case REFUSAL_USE:
		advise_use(refusal, out);
		break;
	case REFUSAL_BEHIND:
		text_printf(out,
			    snapshot_carried(words->snapshot, &words->refusal->addr)
				    ? "Name only one of them%s."
				    : "Name that one%s (all behind it goes along), or "
				      "switch VMD off in the firmware set-up.",
			    refusal->by_hand ? "" : " in the guest");
		break;
	case REFUSAL_CARRIED:
	case REFUSAL_CLAIMED:
	case REFUSAL_GROUP_CLAIMED:
		advise_claimed(refusal, out);
		break;
	case REFUSAL_IDENTITY:
		advise_identity(words, out);
		break;
	case REFUSAL_MATE:
		refusal_words_mates(words, out);
		break;
	case REFUSAL_MATE_PF:
		advise_functions(words, out);
		break;
	case REFUSAL_MATE_CHIPSET:
		advise_chipset(words, out);
		break;
	default:
		if (refusal->by_hand && !refusal->advice && advice_by_hand(refusal->kind))
			text_printf(out, "%s", advice_by_hand(refusal->kind));
		else
			text_printf(out, "%s",
				    refusal->advice ? refusal->advice
						    : plain_advice(refusal->kind));
		break;
	}
	loan_format_change(words->snapshot, refusal, out);
}

/* "--device 0000:01:00.0,0000:02:00.0 processes=terminate" */
static char *setting_of_devices(const struct refusal *refusal)
{
	struct text text = TEXT_INIT;

	if (refusal->for_devices)
		text_printf(&text, "--device %s", ADDR(&refusal->addr));
	for (size_t i = 0; refusal->for_devices && i < refusal->more_addr_count; i++)
		text_printf(&text, ",%s", ADDR(&refusal->more_addrs[i]));
	text_printf(&text, "%s%s", refusal->for_devices ? " " : "", refusal->setting);
	return text.data;
}

char *refusal_words_setting(const struct refusal *refusal)
{
	const char *allow = use_allow_name(refusal->use);

	if (refusal->setting)
		return setting_of_devices(refusal);
	if (refusal->kind == REFUSAL_USE && refusal->use == USE_LOGIN)
		return xstrdup("display=release");
	if (refusal->kind == REFUSAL_MATE && !refusal->evidence && !refusal->by_hand)
		return xstrdup("group=whole");
	if (refusal->kind == REFUSAL_USE && allow && !refusal_goes_only_together(refusal))
		return xasprintf("allow+=%s", allow);
	return NULL;
}
