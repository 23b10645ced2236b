/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

enum disk_verdict {
	DISK_FREE,    /* or gone, or without a medium */
	DISK_CLAIMED, /* something in the kernel has claimed it or a part of it */
	DISK_UNKNOWN, /* error says why */
};

struct disk_claim {
	const char *node; /* the whole disk, below /dev */
	dev_t device;
	bool removable; /* may have no medium, or a tray that opening would draw in */
	/* filled in: */
	enum disk_verdict verdict;
	struct error error;
};

/*
 * Asks of all disks at once whether anything has claimed them (a mount in any namespace, swap, dm,
 * md, ZFS), by opening them exclusively in workers with a deadline. Only root may ask.
 */
void disk_claims_read(const struct host *host, struct disk_claim *claims, size_t count);
