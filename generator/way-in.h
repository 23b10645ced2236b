/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/selection.h"
#include "model/links.h"

/*
 * Could the host be reached over a network if it had neither this group nor what is selected, nor
 * what goes with them? By a default route that works and stays, by an interface with a link and a
 * network behind it, or by a network card that has a driver of the host and is not known to have no
 * link.
 */
bool way_in_remains(const struct selection *selection, const struct group *group);

/* Does another way to what is used stay then? */
bool way_in_remains_for(const struct selection *selection, const struct group *group,
			const struct use *use);

/* Can the host be reached over it now? */
bool way_in_is_link(const struct link *link);
