/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/check.h"

#include "model/policy.h"

/* Member by member: what stands between them is not copied with them. */
static inline void assert_default_policy(const struct policy *policy)
{
	struct policy defaults = POLICY_INIT;

	/* What is said aloud may say what would be so anyway. */
	defaults.all.display_set = policy->all.display_set;
	assert_int_equal(policy->group, defaults.group);
	assert_memory_equal(&policy->limits, &defaults.limits, sizeof(policy->limits));
	assert_memory_equal(&policy->all, &defaults.all, sizeof(policy->all));
	assert_null(policy->ignore);
	assert_null(policy->settings);
	assert_int_equal(policy->setting_count, 0);
}
