/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/boot.h"
#include "model/homes.h"
#include "model/links.h"
#include "model/policy.h"
#include "model/setup.h"
#include "model/snapshot.h"
#include "model/wants.h"

/* All that the generator may know of the host. */
struct generate_facts {
	const struct boot *boot;
	const struct snapshot *snapshot; /* with every PCI function of the host */
	const struct wants *wants;       /* or NULL */
	const struct links *links;       /* or NULL */
	const struct homes *homes;       /* or NULL */
	const struct policy *policy;     /* the admin's, of no guest; or NULL: none */
	const struct setup *past;        /* the newest set-up in force, or NULL */
};

/*
 * Does something other than this program keep the device from the host, on a driver of VFIO or on
 * pci-stub? A device does not count that the hook has lent, as it comes back, nor one that a set-up
 * of ours has reserved, whether that was taken back since or not, nor one that the words of this
 * boot reserve.
 */
bool facts_is_foreign(const struct generate_facts *facts, const struct device *device);

/* Can the host show something on the device from its next start on, if the host keeps it? */
bool facts_is_screen(const struct generate_facts *facts, const struct device *device);

#define CLASS_3D 0x0302 /* it makes pictures, and another card shows them */
