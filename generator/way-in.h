/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"
#include "model/links.h"

/*
 * Can the host still be reached over a network if this group and all selected groups are reserved?
 * It can by a default route that works and stays; by an interface with a link and a network behind
 * it; or by a network card that has a driver, unless it is known that the card has no link.
 */
bool way_in_remains(const struct selection *selection, const struct group *group);

/* Does then another way remain to what the host reaches by this use? */
bool way_in_remains_for(const struct selection *selection, const struct group *group,
			const struct use *use);

/* Can the host be reached over it now? */
bool way_in_is_link(const struct link *link);
