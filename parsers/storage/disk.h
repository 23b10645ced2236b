/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"
#include "model/use.h"

enum disk_verdict {
	DISK_FREE,    /* or gone, or without a medium */
	DISK_CLAIMED, /* something in the kernel has claimed it or a part of it */
	DISK_UNKNOWN, /* error says why */
};

#define DISK_PERHAPS " (perhaps over this adapter)"

/* Evidence that a disk is in use, as in struct use. */
struct disk_use {
	enum use_kind kind;
	char *part, *how; /* heap: the disk or partition; "mounted on /srv" */
	bool root;        /* the host runs from what is there; told only where bases are known */
};

/* A whole disk: behind a PCI function, or another machine's (parsers/storage/remote-disks.h). */
struct disk {
	struct pci_addr addr; /* not of another machine's */
	char *node, *name;    /* heap: below /dev, and in sysfs (parsers/storage/blocks.h) */
	dev_t device;
	bool removable; /* may have no medium, or a tray that opening would draw in */
	bool apart;     /* its nodes are not among those of the function */
	bool perhaps;   /* whether it is behind that function is not known for sure */
	bool used;      /* there is evidence already */
	struct disk_use *uses;
	size_t use_count;
	/* by disk_claims_read: */
	enum disk_verdict verdict;
	struct error error;
};

struct disks {
	struct disk *disks; /* by address and name; one that two functions reach is there twice */
	size_t count;
};

void disks_done(struct disks *disks);

/* A disk by its names and number; node and name: copied. */
void disks_add(const struct host *host, struct disks *disks, const struct pci_addr *addr,
	       const char *node, dev_t device);
