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

/* Why a device that the guest does not name would go to it all the same. */
enum refusal_tie {
	TIE_NONE,  /* the guest names it */
	TIE_SLOT,  /* another function of a named device's slot, in its group */
	TIE_WHOLE, /* group = whole */
};

struct refusal {
	enum refusal_kind kind;
	struct pci_addr addr;        /* what cannot go; zero for IOMMU_OFF */
	struct pci_addr *more_addrs; /* ... and what cannot go for the same reason; heap */
	size_t more_addr_count;
	struct pci_addr named; /* the device of the guest that addr is tied to, if it is */
	enum refusal_tie tie;
	struct pci_addr mate;        /* where the kind speaks of one ... */
	struct pci_addr *more_mates; /* ... and of others as well; heap */
	size_t more_mate_count;
	int group;
	char *guest;       /* heap; the other guest, escaped to be part of a line; or NULL */
	bool over;         /* that guest's run has ended, and not everything of it is returned */
	bool by_hand;      /* an admin asks for the device, and no guest's XML names it */
	bool lent_by_hand; /* guest is whom it was lent for by hand; NULL: for nobody */
	enum use_kind use;
	enum holder_reason reason;
	char *evidence, *advice; /* heap, escaped to be part of a line; or NULL */
	char *setting;           /* heap: what allows it all the same, "display=stop"; or NULL */
	bool for_devices;        /* ... set for each of the devices by itself */
	unsigned int more;       /* how many more things stand in the way by the same cause */
};

void refusal_done(struct refusal *refusal);

/* Another device that cannot go for the same reason; what is there already is passed over. */
void refusal_add_device(struct refusal *refusal, const struct pci_addr *addr);

/* Whose it is, and how it came to them. */
void refusal_add_claim(struct refusal *refusal, const struct claim *claim);

/* What the lines of a refusal are held to, in bytes. */
#define REFUSAL_LINE_MAX 160
#define REFUSAL_TEXT_MAX 480

/* What the caller has put on the first line before it. */
#define REFUSAL_OPENING "%s is not started: "

/*
 * Lines for people, each with its newline. The first goes on behind REFUSAL_OPENING (or words of
 * that length): the device (address and, where the snapshot has it, name), how it hangs together
 * with what the guest names, and why it cannot go. Then what to do; and where it can be allowed,
 * the command for that. guest: the name as libvirt has it. That nothing was changed is for the
 * caller to say, once.
 */
void refusal_format(const struct refusal *refusal, const char *guest,
		    const struct snapshot *snapshot, struct text *out);

/*
 * The line for a setting that allows it all the same ("processes=kill"): a command to paste, with
 * its newline. Nothing for a guest whose name no command can hold.
 */
void refusal_format_setting(const char *setting, const char *guest, struct text *out);

/*
 * Is it a part of the board that would only go along with a function of its slot? Nobody who asked
 * for a sound card is to be told how to give away the processor's graphics.
 */
bool refusal_goes_only_together(const struct refusal *refusal);

/* What would be lost with such a use, and what to do: sentences without their full stop. */
struct use_words {
	const char *loss;   /* "The host would lose that way to the network" */
	const char *advice; /* "Unmount it first" */
};
struct use_words refusal_use_words(enum use_kind kind);
