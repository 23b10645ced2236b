/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

enum disk_verdict {
	DISK_FREE,    /* or gone, or without a medium */
	DISK_CLAIMED, /* something in the kernel has claimed it or a part of it */
	DISK_UNKNOWN, /* error says why */
};

/* A whole disk behind a PCI function. */
struct disk {
	struct pci_addr addr;
	char *node, *name; /* heap: below /dev, and in sysfs (parsers/blocks.h) */
	dev_t device;
	bool removable; /* may have no medium, or a tray that opening would draw in */
	bool used;      /* there is evidence already */
	/* by disk_claims_read: */
	enum disk_verdict verdict;
	struct error error;
};

struct disks {
	struct disk *disks; /* by address and name; one that two functions reach is there twice */
	size_t count;
};

void disks_done(struct disks *disks);

/*
 * The disks of all devices of the snapshot: from its nodes, or by a walk of its own where it has
 * none yet. *ret: disks_done.
 */
int disks_read(const struct host *host, const struct snapshot *snapshot, struct disks *ret,
	       struct error *err);
