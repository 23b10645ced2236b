/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"
#include "parsers/storage/mounts.h"

enum export_kind {
	EXPORT_BLOCK,  /* a block device: number */
	EXPORT_CHAR,   /* a character device: an NVMe controller, a tape */
	EXPORT_MEMORY, /* memory of a PCI device, through which it is served: addr */
	EXPORT_GONE,   /* a path below /dev that leads nowhere any more */
};

/* What the kernel itself serves to others: no process has the disk open, and nothing claims it. */
struct export
{
	enum export_kind kind;
	dev_t number;
	struct pci_addr addr;
	char *by;   /* heap: "nvmet as nqn.x/1" */
	char *path; /* heap: as somebody told it to the kernel */
};

struct exports {
	struct export *all; /* heap */
	size_t count;
};

void exports_done(struct exports *exports);
#define auto_exports cleanup(exports_done)

/*
 * Devices that nvmet, LIO, a USB gadget, RNBD or SCST serve. A child looks, and is given up after
 * some seconds (ETIMEDOUT), as a path may lead to a server that does not answer. Files are left
 * out: the file system on which they lie is mounted, and that is reason enough to refuse. mounts:
 * tell where paths lead; may be empty. On a host that serves nothing no child is started. *ret:
 * exports_done.
 */
int exports_read(const struct host *host, const struct mounts *mounts, struct exports *ret,
		 struct error *err);
