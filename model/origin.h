/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"

/* One setting of a policy, and where it stands. */
struct origin {
	char *key, *value, *where; /* heap; where as in policy_set */
	bool has_addr;             /* the setting is for one device, addr */
	struct pci_addr addr;
};

/* In the order in which they were set: for each key and device the last one counts. */
struct origins {
	struct origin *items;
	size_t count;
};

void origins_done(struct origins *origins);

/* addr NULL: for all devices. */
void origins_add(struct origins *origins, const struct pci_addr *addr, const char *key,
		 const char *value, const char *where);

/* The origin that counts for this key and this addr (NULL: for all devices), or NULL. */
const struct origin *origins_find(const struct origins *origins, const struct pci_addr *addr,
				  const char *key);
