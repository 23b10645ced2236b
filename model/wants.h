/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"

/* What the next start of the host looks for on a disk, whether that is in use now or not. */
struct want {
	struct pci_addr addr; /* the function that the disk is behind */
	char *what;           /* heap: "nvme0n1p2" */
	char *how;            /* heap, escaped: "what /etc/fstab mounts on /srv" */
	/* Why a start without it goes on: "nofail"; a constant. NULL: it waits for it in vain, and
	 * what needs it fails. */
	const char *spared;
	char *help; /* heap: how it may be missing: "put nofail on that line" */
};

struct wants {
	struct want *all;
	size_t count;
	char *asked; /* heap, escaped: the disk whose passphrase a start asks for; NULL: none */
	bool waits;  /* and without which it does not go on */
};

void wants_done(struct wants *wants);
