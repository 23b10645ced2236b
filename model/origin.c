// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where each setting of a policy was read, for who wants to know why a value is in force.
 * Tests: unit/test-policy.c.
 */
#include "model/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void origins_done(struct origins *origins)
{
	for (size_t i = 0; i < origins->count; i++) {
		free(origins->items[i].key);
		free(origins->items[i].value);
		free(origins->items[i].where);
	}
	free(origins->items);
	*origins = (struct origins){0};
}

void origins_add(struct origins *origins, const struct pci_addr *addr, const char *key,
		 const char *value, const char *where)
{
	struct origin origin = {.key = xstrdup(key),
				.value = xstrdup(value),
				.where = xstrdup(where),
				.has_addr = addr != NULL};

	if (addr)
		origin.addr = *addr;
	array_push(origins->items, origins->count, origin);
}

const struct origin *origins_find(const struct origins *origins, const struct pci_addr *addr,
				  const char *key)
{
	for (size_t i = origins->count; i-- > 0;) {
		const struct origin *origin = &origins->items[i];

		if (strcmp(origin->key, key) == 0 && origin->has_addr == (addr != NULL) &&
		    (!addr || pci_addr_equal(&origin->addr, addr)))
			return origin;
	}
	return NULL;
}
