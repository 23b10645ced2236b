/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"

/*
 * A keyboard that the host loses with the device when it has neither this group nor what is
 * selected, if no other one stays (model/keyboards.h); NULL: none.
 */
const struct keyboard *typing_ends(const struct selection *selection, const struct group *group,
				   const struct device *device);

/* Must a passphrase be typed before the next start, which nobody chooses, goes on? */
bool typing_is_needed(const struct selection *selection);
