/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"
#include "model/addr.h"
#include "model/snapshot.h"

/* Reasons not to start a guest, found before anything was changed. */
enum refusal_kind {
	REFUSAL_IOMMU_OFF,     /* the host has no IOMMU groups */
	REFUSAL_MISSING,       /* no such device */
	REFUSAL_NO_GROUP,      /* this device alone has no group */
	REFUSAL_NOIOMMU,       /* its group is one of VFIO's no-IOMMU mode */
	REFUSAL_BRIDGE,        /* not an endpoint */
	REFUSAL_PF,            /* has enabled VFs */
	REFUSAL_CLAIMED,       /* another guest has it (guest) */
	REFUSAL_GROUP_CLAIMED, /* another guest has a mate of it (mate, guest) */
	REFUSAL_MATE,          /* a mate on another slot the guest does not name (mate) */
	REFUSAL_MATE_PF,       /* must be taken along but has enabled VFs (mate) */
	REFUSAL_MATE_CHIPSET,  /* must be taken along but is a bridge the host drives (mate) */
	REFUSAL_COMPANION,     /* USB 2 companion in the slot is not in the same hand (mate) */
	REFUSAL_DRIVER,        /* <driver name=> of another hypervisor */
	REFUSAL_USE,           /* the host itself needs it (use, evidence) */
	REFUSAL_HOLDER,        /* a process holds it (evidence, advice) */
	REFUSAL_UNREADABLE,    /* whether a process holds it cannot be known (evidence) */
	REFUSAL_IDENTITY,      /* another device than was first lent (evidence) */
	REFUSAL_KINDS
};

struct refusal {
	enum refusal_kind kind;
	struct pci_addr addr; /* the host device the guest names; zero for IOMMU_OFF */
	struct pci_addr mate; /* where the kind speaks of one */
	int group;
	char *guest; /* heap; the other guest, escaped to be part of a line; or NULL */
	enum use_kind use;
	char *evidence, *advice; /* heap, escaped to be part of a line; or NULL */
};

void refusal_done(struct refusal *refusal);

/*
 * One line for people, without newline: which device (address and, where the snapshot has it,
 * name), why, "nothing was changed", and what to do next. The caller puts in front which guest.
 */
void refusal_format(const struct refusal *refusal, const struct snapshot *snapshot,
		    struct text *out);
