/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"

/* A network interface of some hardware, with what is known of the network behind it. */
struct link {
	char *name;               /* heap */
	bool has_addr;            /* it belongs to a PCI function, by USB or virtio too */
	struct pci_addr function; /* which, or what carries that (model/carried.h) in addr */
	struct pci_addr addr;
	bool wireless;
	bool dead;   /* it is up, and nothing answers at the other end of its cable */
	bool alive;  /* something does; neither of the two: not known */
	bool routed; /* the host has a network of its own behind it, beyond the cable's end */
};

struct links {
	struct link *all;
	size_t count;
};

void links_done(struct links *links);
