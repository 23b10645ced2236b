/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/addr.h"

/* That a guest has a device now, or names it in its settings. */
struct guest_tie {
	struct pci_addr addr;
	char *guest; /* heap, escaped to be part of a line */
	bool has;
};

struct guest_ties {
	struct guest_tie *ties; /* by address; those that have the device first, then by name */
	size_t count;
};

void guest_ties_done(struct guest_ties *ties);

/*
 * From libvirt's own files, without libvirt: /run/libvirt/qemu for what guests have that run,
 * /etc/libvirt/qemu for what they name. What cannot be read is told in *gaps, a line each.
 * *ret: guest_ties_done.
 */
void guest_files_read(const struct host *host, struct guest_ties *ret, struct text *gaps);

/* Adds one, unless it is there; they are sorted by guest_ties_sort. guest: not escaped yet. */
void guest_ties_add(struct guest_ties *ties, const struct pci_addr *addr, const char *guest,
		    bool has);
void guest_ties_sort(struct guest_ties *ties);

/* Those of one address, and how many they are; NULL: none. */
const struct guest_tie *guest_ties_find(const struct guest_ties *ties, const struct pci_addr *addr,
					size_t *ret_count);
