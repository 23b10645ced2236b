/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"

/* What the host loses if this group, and all selected groups, are reserved. */
struct going {
	const struct selection *selection;
	const struct group *group;
};

/* Does the host lose the function? That is so, too, if the function exists only while another
 * device has its driver, and the host loses that device. data: a struct going. */
bool going_has(const void *data, const struct pci_addr *addr);

/* Is the function this device, or does it exist only while this device has its driver? */
bool going_needs(const struct snapshot *snapshot, const struct pci_addr *addr,
		 const struct device *device);
