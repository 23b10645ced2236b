/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "model/guest.h"

/* What to do with endpoints of a device's IOMMU group that the guest does not name. */
enum group_policy {
	GROUP_REFUSE, /* other slots refuse the start (default) */
	GROUP_WHOLE,  /* take them all */
};

/* What the admin allows; later layers overwrite earlier ones. */
struct policy {
	enum group_policy group;
};

#define POLICY_INIT                                                                                \
	{                                                                                          \
		.group = GROUP_REFUSE                                                              \
	}

/*
 * Sets one key. origin says where it stands ("/etc/...conf:3", "<metadata> line 7") and opens the
 * error. EINVAL for an unknown key or value: nobody's wish may be guessed at.
 */
int policy_set(struct policy *policy, const char *key, const char *value, const char *origin,
	       struct error *err);

/* Applies the guest's own <hostdev:policy> on top. */
int policy_apply_guest(struct policy *policy, const struct guest *guest, struct error *err);
