/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"

/* What the host loses at every boot by such a use, as a clause; NULL: nothing. */
const char *loss_of(enum use_kind kind);

/* Does such a use count only if no other way in remains (generator/way-in.h)? */
bool loss_is_way_in(enum use_kind kind);

/* Is it the address of the device or of one of its virtual functions? */
bool loss_has_user(const struct selection *selection, const struct device *device,
		   const struct pci_addr *addr);

/*
 * Does the host lose the use with the device? (What is on the disks of the device, and its hidden
 * interfaces, are uses of the device itself already.)
 */
bool loss_has_use(const struct selection *selection, const struct device *device,
		  const struct use *use);

/* The name of the device, together with the function at the address, which goes with it
 * (going_needs). Heap. */
char *loss_label(const struct selection *selection, const struct device *device,
		 const struct pci_addr *addr);

/*
 * "01:00.0: its nvme0n1 is mounted on /"; without a part's name "01:00.0 is the SMBus controller",
 * or "01:00.0: the firmware may have made it ...". Heap.
 */
char *loss_text(const char *label, const struct use *use);
