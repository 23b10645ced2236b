/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"
#include "model/addr.h"
#include "model/snapshot.h"
#include "model/verdict.h"

/* Reasons not to start a guest, found before anything was changed. */
enum refusal_kind {
	REFUSAL_IOMMU_OFF,     /* the host has no IOMMU groups */
	REFUSAL_MISSING,       /* no such device (evidence, advice: where it may be; or NULL) */
	REFUSAL_NO_GROUP,      /* this device alone has no group */
	REFUSAL_NOIOMMU,       /* its group is one of VFIO's no-IOMMU mode */
	REFUSAL_BRIDGE,        /* not an endpoint */
	REFUSAL_PF,            /* has enabled VFs */
	REFUSAL_CLAIMED,       /* another guest has it (guest) */
	REFUSAL_GROUP_CLAIMED, /* another guest has a mate of it (mate, guest) */
	/*
	 * Mates on other slots that the guest does not name (mate; evidence: one that the host
	 * needs; advice: how the guest names the first, if it does so in another way).
	 */
	REFUSAL_MATE,
	REFUSAL_MATE_PF,      /* must be taken along but has enabled VFs (mate) */
	REFUSAL_MATE_CHIPSET, /* a part of the chipset that the host drives (mate) */
	REFUSAL_BEHIND,       /* goes with another device's driver (mate) */
	REFUSAL_CARRIED,      /* another guest has what it carries (mate, guest) */
	REFUSAL_COMPANION,    /* USB 2 companions in the slot are not in the same hand (mate) */
	REFUSAL_DRIVER,       /* <driver name=> of another hypervisor */
	REFUSAL_USE,          /* the host itself needs it (use, evidence) */
	REFUSAL_HOLDER,       /* a process holds it (reason, evidence, advice, setting) */
	REFUSAL_UNREADABLE,   /* whether a process holds it cannot be known (evidence) */
	REFUSAL_IDENTITY,     /* another device than was first lent, as its pin says */
	REFUSAL_RUNNING,      /* the guest itself runs, and has some of its devices (evidence) */
	REFUSAL_IOMMUFD,      /* this kernel has none (evidence: the option it lacks) */
	REFUSAL_KINDS
};

/* Why a device would go to the guest although the guest does not name it. */
enum refusal_tie {
	TIE_NONE,  /* the guest names it */
	TIE_SLOT,  /* another function of a named device's slot, in its group */
	TIE_WHOLE, /* group = whole */
};

struct refusal {
	enum refusal_kind kind;
	struct pci_addr addr;        /* the device that cannot go; zero for IOMMU_OFF */
	struct pci_addr *more_addrs; /* other devices that cannot go for the same reason; heap */
	size_t more_addr_count;
	struct pci_addr named; /* the device of the guest that addr is tied to, if it is */
	enum refusal_tie tie;
	struct pci_addr mate;        /* the mate, for kinds that have "(mate)" above */
	struct pci_addr *more_mates; /* other mates of that kind; heap */
	size_t more_mate_count;
	int group;
	char *guest;       /* heap; the other guest, escaped to be part of a line; or NULL */
	bool over;         /* that guest's run has ended, and something is not returned yet */
	bool by_hand;      /* an admin asks for the device, and no guest's XML names it */
	bool lent_by_hand; /* it was lent by hand, for guest; guest NULL: for no guest */
	enum use_kind use;
	enum holder_reason reason;
	char *evidence, *advice; /* heap, escaped to be part of a line; or NULL */
	char *setting;           /* heap: the setting that allows it, "display=stop"; or NULL */
	bool for_devices;        /* the setting must be set for each of the devices */
	unsigned int more;       /* how many more things stand in the way for the same cause */
};

void refusal_done(struct refusal *refusal);

/* Adds another device that cannot go for the same reason, unless the refusal has it already. */
void refusal_add_device(struct refusal *refusal, const struct pci_addr *addr);

/* Fills in from the claim which guest has the device, and whether it was lent by hand. */
void refusal_add_claim(struct refusal *refusal, const struct claim *claim);

/* The most bytes that a line of a refusal, and its whole text, shall have. */
#define REFUSAL_LINE_MAX 160
#define REFUSAL_TEXT_MAX 480

/* What the caller has put on the first line before the refusal. */
#define REFUSAL_OPENING "%s is not started: "

/*
 * Appends lines for people, each with its newline. The first line goes on behind REFUSAL_OPENING
 * (or words of that length): the device (address and, if the snapshot has it, name), how it is tied
 * to a device that the guest names, and why it cannot go. The next lines say what to do, and the
 * command that allows it, if any. guest: the name as libvirt has it. The caller says once that
 * nothing was changed.
 */
void refusal_format(const struct refusal *refusal, const char *guest,
		    const struct snapshot *snapshot, struct text *out);

/*
 * Appends the line with the command that makes a setting ("processes=kill"), to be pasted, with its
 * newline. Appends nothing if no command can hold the guest's name.
 */
void refusal_format_setting(const char *setting, const char *guest, struct text *out);

/*
 * Is the device a part of the board that would only go along with a named function of its slot? A
 * person who asked for a sound card is not told how to give away the processor's graphics.
 */
bool refusal_goes_only_together(const struct refusal *refusal);

/* What the host would lose with such a use, and what to do: sentences without a full stop. */
struct use_words {
	const char *loss;   /* "The host would lose that way to the network" */
	const char *advice; /* "Unmount it first" */
};
struct use_words refusal_use_words(enum use_kind kind);
