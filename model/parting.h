/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "model/snapshot.h"

/*
 * What to move so that the device and its mates are in different IOMMU groups: "Put the card into
 * another slot", the beginning of a sentence. Heap; NULL: nothing that can be moved would part
 * them.
 */
char *parting_by_slot(const struct snapshot *snapshot, const struct pci_addr *addr,
		      const struct pci_addr *mates, size_t mate_count);
