/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/*
 * Views of a snapshot of a whole host. Each view is the snapshot of a guest that names the devices
 * of one IOMMU group, without anything that the planner would only skip. So the time to plan for
 * every group of a host grows with the host, and not with its square.
 */
struct portions {
	const struct snapshot *whole;
	struct portion_place *uses, *holders; /* sorted by group */
	size_t use_count, holder_count;
	size_t *cards; /* indexes of the nodes of graphics cards that can show a picture */
	size_t card_count;
	/* The last portion: shallow copies of what is in the whole. */
	struct snapshot view;
};

/* whole must be sorted, and neither move nor change. *ret: portions_done. */
void portions_init(const struct snapshot *whole, struct portions *ret);
void portions_done(struct portions *portions);

/*
 * The view for a group, also for DEVICE_NO_GROUP; valid until the next call. If another way to a
 * thing stays when the group goes, that use is not in the view.
 */
const struct snapshot *portions_view(struct portions *portions, int group);

/*
 * Does the view have everything about the group? Not if a Thunderbolt controller in it carries a
 * device: such a device counts as the controller's own only for a guest that has the controller,
 * and stands for itself in the snapshot of the whole host. For such a group another snapshot must
 * be read.
 */
bool portions_fit(const struct portions *portions, int group);
