/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "model/snapshot.h"

/* Can no other slot be found for it? So it is with what is part of the processor or the board. */
bool parting_is_fixed(const struct snapshot *snapshot, const struct device *device);

/*
 * How a device comes into another IOMMU group than its mates by being moved, or they by being moved
 * away: "Put the card into another slot", the beginning of a sentence. Heap; NULL: nothing that can
 * be moved would part them.
 */
char *parting_by_slot(const struct snapshot *snapshot, const struct pci_addr *addr,
		      const struct pci_addr *mates, size_t mate_count);
