/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * One sentence on a device that the snapshot lacks: what is known of its absence, in the planner's
 * words, with what to do. Heap.
 */
char *missing_text(const struct snapshot *snapshot, const struct pci_addr *addr);

/* The reason alone, for a table that has the address: "is hidden by cardwired, which runs". */
const char *missing_reason(const struct snapshot *snapshot, const struct pci_addr *addr);

/*
 * Tells on stderr which of the guest's devices the snapshot lacks, a line each, behind the guest's
 * name where it has one. Finds out why, which costs nothing if no device is missing. How many?
 */
size_t missing_tell(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
