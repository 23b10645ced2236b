/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"

/* A device by which a way leaves this host. */
struct outlet_part {
	struct pci_addr addr;
	unsigned int set; /* the way ends when all parts of one set are gone: a bond's ports, say */
};

/* A default route: a way of this host to everywhere. Heap. */
struct outlet {
	bool v4;
	bool general; /* for all that the host sends, not only for what some rule picks */
	bool dead;    /* its interface has no carrier */
	char *name;   /* for people: "eth0", "wg0 (table 100)" */
	struct outlet_part *parts; /* none: the way depends on no PCI device */
	size_t part_count;
};

void outlet_done(struct outlet *outlet);

/* Does the way end when all devices are gone for which is_gone returns true? */
bool outlet_ends(const struct outlet *outlet,
		 bool (*is_gone)(const void *data, const struct pci_addr *addr), const void *data);
