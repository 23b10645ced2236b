/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"

/* One setting of a policy, and where it stands. */
struct origin {
	char *key, *value, *where; /* heap; where as in policy_set */
	bool has_addr;             /* it is for one device */
	struct pci_addr addr;
};

/* In the order in which they were set: of those for one key and device the last counts. */
struct origins {
	struct origin *items;
	size_t count;
};

void origins_done(struct origins *origins);

/* addr NULL: for all devices. */
void origins_add(struct origins *origins, const struct pci_addr *addr, const char *key,
		 const char *value, const char *where);

/* The one that counts, or NULL where nobody sets it for just this. */
const struct origin *origins_find(const struct origins *origins, const struct pci_addr *addr,
				  const char *key);
