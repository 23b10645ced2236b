/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/*
 * A snapshot of all functions of a host, seen as the one of a guest that names the devices of one
 * group: what the planner may know of them, and nothing that it would only pass over. To plan for
 * each group of a host takes a time that grows with the host, and not with its square.
 */
struct portions {
	const struct snapshot *whole;
	struct portion_place *uses, *holders; /* sorted by group */
	size_t use_count, holder_count;
	size_t *cards; /* places of nodes: of graphics cards that can show something */
	size_t card_count;
	/* The last portion: shallow copies of what is in the whole. */
	struct snapshot view;
};

/* whole must be sorted, and neither move nor change. *ret: portions_done. */
void portions_init(const struct snapshot *whole, struct portions *ret);
void portions_done(struct portions *portions);

/*
 * The portion of a group, DEVICE_NO_GROUP included; valid until the next. A use that has another
 * way which stays when the group goes is not among its uses.
 */
const struct snapshot *portions_view(struct portions *portions, int group);

/*
 * Is the portion all that concerns the group? Not where a Thunderbolt controller of it carries
 * anything: that counts as the controller's own only for a guest that has the controller, and in a
 * snapshot of the whole host stands for itself. What such a guest gets must be read for it alone.
 */
bool portions_fit(const struct portions *portions, int group);
