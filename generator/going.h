/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"

/* What the host would not have if it had neither this group nor what is selected. */
struct going {
	const struct selection *selection;
	const struct group *group;
};

/* Does the function go, or one without whose driver it is not there? data: a struct going. */
bool going_has(const void *data, const struct pci_addr *addr);

/* Is the function this device, or one that is not there without this device's driver? */
bool going_needs(const struct snapshot *snapshot, const struct pci_addr *addr,
		 const struct device *device);
