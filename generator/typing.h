/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"

/*
 * A keyboard that the host loses with the device, if then no keyboard remains (model/keyboards.h),
 * as this group and all selected groups are reserved. NULL: there is none.
 */
const struct keyboard *typing_ends(const struct selection *selection, const struct group *group,
				   const struct device *device);

/* Does the next start wait for a passphrase, although nobody chooses an entry of the boot menu? */
bool typing_is_needed(const struct selection *selection);
