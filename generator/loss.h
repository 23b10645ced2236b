/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"

/* What the host loses at every boot, a clause, or NULL: such a use is none then. */
const char *loss_of(enum use_kind kind);

/* One that counts where no other way in stays (generator/way-in.h). */
bool loss_is_way_in(enum use_kind kind);

/* Is the address that of the device, or of one of its virtual functions? */
bool loss_has_user(const struct selection *selection, const struct device *device,
		   const struct pci_addr *addr);

/*
 * Does the host lose the use with the device? What is on disks that it carries, and which interface
 * of those is hidden, are uses of its own already.
 */
bool loss_has_use(const struct selection *selection, const struct device *device,
		  const struct use *use);

/* The device with what goes with it (going_needs): the function at the address. Heap. */
char *loss_label(const struct selection *selection, const struct device *device,
		 const struct pci_addr *addr);

/*
 * "01:00.0: its nvme0n1 is mounted on /"; without a part's name "01:00.0 is the SMBus controller",
 * or "01:00.0: the firmware may have made it ...". Heap.
 */
char *loss_text(const char *label, const struct use *use);
