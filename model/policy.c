// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which keys a policy has and which values they take: the one list behind the configuration file
 * and the metadata element.
 */
#include "model/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static int set_group(struct policy *policy, const char *value)
{
	if (strcmp(value, "refuse") == 0)
		policy->group = GROUP_REFUSE;
	else if (strcmp(value, "whole") == 0)
		policy->group = GROUP_WHOLE;
	else
		return -EINVAL;
	return 0;
}

static const struct {
	const char *key, *values;
	int (*set)(struct policy *policy, const char *value);
} keys[] = {
	{"group", "refuse, whole", set_group},
};

int policy_set(struct policy *policy, const struct pci_addr *addr, const char *key,
	       const char *value, const char *origin, struct error *err)
{
	auto_free char *shown_key = text_escape(key);
	auto_free char *shown_value = text_escape(value);

	(void)addr;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (keys[i].set(policy, value) < 0)
			return error_set(err, EINVAL,
					 "%s: %s = %.80s: the value must be one of: %s", origin,
					 shown_key, shown_value, keys[i].values);
		return 0;
	}
	return error_set(err, EINVAL, "%s: unknown key %.80s", origin, shown_key);
}

int policy_apply_guest(struct policy *policy, const struct guest *guest, struct error *err)
{
	struct policy result = *policy;

	for (size_t i = 0; i < guest->policy_count; i++) {
		const struct policy_item *item = &guest->policy[i];
		char origin[64];
		int ret;

		snprintf(origin, sizeof(origin), "domain XML line %u, <hostdev:policy>",
			 item->line);
		ret = policy_set(&result, item->has_addr ? &item->addr : NULL, item->key,
				 item->value, origin, err);
		if (ret < 0)
			return ret;
	}
	*policy = result;
	return 0;
}

struct device_policy policy_of_device(const struct policy *policy, const struct pci_addr *addr)
{
	(void)addr;
	return policy->all;
}

void policy_done(struct policy *policy)
{
	memset(policy, 0, sizeof(*policy));
}
