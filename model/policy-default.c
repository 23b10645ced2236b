// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What POLICY_INIT says, in the words in which a user would set it. A test holds one to the other.
 * Tests: unit/test-policy.c.
 */
#include <string.h>

#include "model/policy.h"

static const struct {
	const char *key, *value;
} defaults[] = {
	{"group", "refuse"},   {"processes", "terminate"}, {"services", "stop-unit"},
	{"display", "refuse"}, {"allow", "none"},          {"wait-time", "10"},
	{"grace-time", "5"},   {"ignore", "none"},         {"unbind-time", "10"},
	{"bind-time", "20"},   {"reset-time", "75"},       {"release-time", "10"},
	{"script-time", "60"}, {"total-time", "240"},
};

const char *policy_default(const char *key)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (strcmp(defaults[i].key, key) == 0)
			return defaults[i].value;
	return NULL;
}
