// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which keys a policy has and which values they take: the one list behind the configuration files
 * and the metadata element.
 */
#include "model/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/suggest.h"

#define SECONDS_MAX 300 /* longer, nobody would know whether the start is still alive */

/* The number of the word that value is, or -EINVAL. */
static int find_word(const char *const *words, size_t count, const char *value)
{
	int found = text_find(words, count, value, strlen(value));

	return found < 0 ? -EINVAL : found;
}

/* --- values: each sets its field, or returns a negative number and leaves it --- */

static int set_processes(struct device_policy *policy, const char *value)
{
	static const char *const words[] = {[PROCESSES_REFUSE] = "refuse",
					    [PROCESSES_WAIT] = "wait",
					    [PROCESSES_TERMINATE] = "terminate",
					    [PROCESSES_KILL] = "kill"};
	int word = find_word(words, sizeof(words) / sizeof(*words), value);

	if (word >= 0)
		policy->processes = (enum processes_policy)word;
	return word;
}

static int set_services(struct device_policy *policy, const char *value)
{
	static const char *const words[] = {[SERVICES_REFUSE] = "refuse",
					    [SERVICES_WAIT] = "wait",
					    [SERVICES_STOP_UNIT] = "stop-unit",
					    [SERVICES_TERMINATE] = "terminate"};
	int word = find_word(words, sizeof(words) / sizeof(*words), value);

	if (word >= 0)
		policy->services = (enum services_policy)word;
	return word;
}

static int set_display(struct device_policy *policy, const char *value)
{
	static const char *const words[] = {[DISPLAY_REFUSE] = "refuse",
					    [DISPLAY_RELEASE] = "release",
					    [DISPLAY_STOP] = "stop"};
	int word = find_word(words, sizeof(words) / sizeof(*words), value);

	if (word < 0)
		return word;
	policy->display = (enum display_policy)word;
	policy->display_set = true;
	return word;
}

/* A list is taken whole: what an earlier layer lifted and this one does not name is not lifted. */
static int set_allow(struct device_policy *policy, const char *value)
{
	unsigned int allow = 0;

	if (strcmp(value, "none") == 0) {
		policy->allow = 0;
		return 0;
	}
	for (const char *at = value;; at++) {
		const char *word = at + strspn(at, " \t");
		size_t length = strcspn(word, ","), next = length;
		enum use_kind kind;

		while (length > 0 && (word[length - 1] == ' ' || word[length - 1] == '\t'))
			length--;
		if (!use_allow_parse(word, length, &kind))
			return -EINVAL;
		allow |= 1U << kind;
		at = word + next;
		if (!*at)
			break;
	}
	policy->allow = allow;
	return 0;
}

static int set_seconds(unsigned int *ret_ms, const char *value)
{
	size_t length = strlen(value);
	unsigned long seconds;

	if (length == 0 || length > 3 || strspn(value, "0123456789") != length)
		return -EINVAL;
	seconds = strtoul(value, NULL, 10);
	if (seconds > SECONDS_MAX)
		return -EINVAL;
	*ret_ms = (unsigned int)seconds * 1000;
	return 0;
}

static int set_wait_time(struct device_policy *policy, const char *value)
{
	return set_seconds(&policy->wait_time_ms, value);
}

static int set_grace_time(struct device_policy *policy, const char *value)
{
	return set_seconds(&policy->grace_time_ms, value);
}

static int set_group(struct policy *policy, const char *value)
{
	static const char *const words[] = {[GROUP_REFUSE] = "refuse", [GROUP_WHOLE] = "whole"};
	int word = find_word(words, sizeof(words) / sizeof(*words), value);

	if (word >= 0)
		policy->group = (enum group_policy)word;
	return word;
}

/* Which words are ids is not for every program to say: see policy.h. */
static int set_ignore(struct policy *policy, const char *value)
{
	static const char separators[] = " \t,";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789- \t,";

	if (!value[strspn(value, separators)] || value[strspn(value, letters)])
		return -EINVAL;
	free(policy->ignore);
	policy->ignore = strcmp(value, "none") == 0 ? NULL : xstrdup(value);
	return 0;
}

/* --- keys --- */

#define LIMIT_WANTED "a number of whole seconds from 1 to 900"
#define SECONDS_WANTED "a number of whole seconds from 0 to 300"

static const struct {
	const char *name;
	const char *wanted; /* what the value must be, for people; NULL: wanted_allow says it */
	/* One of the two: a key that may be set for one device, and one that may not. */
	int (*set)(struct device_policy *policy, const char *value);
	int (*set_whole)(struct policy *policy, const char *value);
} keys[] = {
	{"group", "one of: refuse, whole", NULL, set_group},
	{"processes", "one of: refuse, wait, terminate, kill", set_processes, NULL},
	{"services", "one of: refuse, wait, stop-unit, terminate", set_services, NULL},
	{"display", "one of: refuse, release, stop", set_display, NULL},
	{"allow", NULL, set_allow, NULL},
	{"wait-time", SECONDS_WANTED, set_wait_time, NULL},
	{"grace-time", SECONDS_WANTED, set_grace_time, NULL},
	{"ignore", "none, or ids of findings, separated by blanks or commas", NULL, set_ignore},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
/* With those of the limits; there are fewer. */
#define KEYS_MAX 32

static char *wanted_allow(void)
{
	struct text text = TEXT_INIT;

	text_printf(&text, "none, or of these, separated by commas:");
	for (int kind = 0; kind < USE_KINDS; kind++) {
		const char *name = use_allow_name((enum use_kind)kind);

		if (name)
			text_printf(&text, " %s", name);
	}
	return text.data;
}

static int refuse_value(size_t key, const char *value, const char *origin, struct error *err)
{
	auto_free char *wanted = keys[key].wanted ? xstrdup(keys[key].wanted) : wanted_allow();
	auto_free char *shown = text_escape(value);

	return error_set(err, EINVAL, "%s: %s = %.80s: the value must be %s", origin,
			 keys[key].name, shown, wanted);
}

static int set_for_device(struct policy *policy, const struct pci_addr *addr, size_t key,
			  const char *value, const char *origin, struct error *err)
{
	struct device_policy unused = policy->all;
	struct device_setting setting = {.addr = *addr, .key = key};

	if (!keys[key].set)
		return error_set(err, EINVAL, "%s: %s cannot be set for one device", origin,
				 keys[key].name);
	if (keys[key].set(&unused, value) < 0)
		return refuse_value(key, value, origin, err);
	setting.value = xstrdup(value);
	array_push(policy->settings, policy->setting_count, setting);
	return 0;
}

/* Limits are of the whole run. -ENOENT: the key is no limit. */
static int set_limit(struct policy *policy, const struct pci_addr *addr, const char *key,
		     const char *value, const char *origin, struct error *err)
{
	struct limits limits = policy->limits;
	auto_free char *shown = text_escape(value);
	int ret = limits_set(&limits, key, value);

	if (ret == -ENOENT)
		return ret;
	if (addr)
		return error_set(err, EINVAL, "%s: %s cannot be set for one device", origin, key);
	if (ret < 0)
		return error_set(err, EINVAL, "%s: %s = %.80s: the value must be " LIMIT_WANTED,
				 origin, key, shown);
	policy->limits = limits;
	return 0;
}

static int set_any(struct policy *policy, const struct pci_addr *addr, const char *key,
		   const char *value, const char *origin, struct error *err)
{
	auto_free char *shown = text_escape(key), *meant = policy_suggest_key(key);
	size_t i = 0;
	int ret = set_limit(policy, addr, key, value, origin, err);

	if (ret != -ENOENT)
		return ret;

	while (i < KEY_COUNT && strcmp(keys[i].name, key) != 0)
		i++;
	if (i == KEY_COUNT)
		return error_set(err, EINVAL, "%s: unknown key %.80s%s", origin, shown, meant);
	if (addr)
		return set_for_device(policy, addr, i, value, origin, err);
	ret = keys[i].set ? keys[i].set(&policy->all, value) : keys[i].set_whole(policy, value);
	return ret < 0 ? refuse_value(i, value, origin, err) : 0;
}

int policy_set(struct policy *policy, const struct pci_addr *addr, const char *key,
	       const char *value, const char *origin, struct error *err)
{
	int ret = set_any(policy, addr, key, value, origin, err);

	if (ret == 0 && policy->origins)
		origins_add(policy->origins, addr, key, value, origin);
	return ret;
}

const char *policy_key(size_t index)
{
	return index < KEY_COUNT ? keys[index].name : limits_key(index - KEY_COUNT);
}

char *policy_suggest_key(const char *key)
{
	const char *known[KEYS_MAX];
	size_t count = 0;

	while (count < KEYS_MAX && (known[count] = policy_key(count)))
		count++;
	return suggest_text(key, known, count);
}

/* What POLICY_INIT says, in the words in which a user would set it. A test holds one to the other.
 */
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

/* --- policies --- */

void policy_copy(const struct policy *policy, struct policy *ret)
{
	struct policy copy = *policy;

	copy.settings = NULL;
	copy.ignore = xstrdup(policy->ignore);
	for (size_t i = 0; i < policy->setting_count; i++) {
		copy.settings = array_grow(copy.settings, i, sizeof(*copy.settings));
		copy.settings[i] = policy->settings[i];
		copy.settings[i].value = xstrdup(policy->settings[i].value);
	}
	*ret = copy;
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->setting_count; i++)
		free(policy->settings[i].value);
	free(policy->settings);
	free(policy->ignore);
	memset(policy, 0, sizeof(*policy));
}

int policy_apply_guest(struct policy *policy, const struct guest *guest, struct error *err)
{
	auto_policy struct policy result;

	policy_copy(policy, &result);
	for (size_t i = 0; i < guest->policy_count; i++) {
		const struct policy_item *item = &guest->policy[i];
		char origin[64];
		int ret;

		snprintf(origin, sizeof(origin), "domain XML line %u, <hostdev:%s>", item->line,
			 item->has_addr ? "device" : "policy");
		ret = policy_set(&result, item->has_addr ? &item->addr : NULL, item->key,
				 item->value, origin, err);
		if (ret < 0)
			return ret;
	}
	policy_done(policy);
	*policy = result;
	memset(&result, 0, sizeof(result));
	return 0;
}

struct device_policy policy_of_device(const struct policy *policy, const struct pci_addr *addr)
{
	struct device_policy result = policy->all;

	/* Each value was taken when it was set. */
	for (size_t i = 0; i < policy->setting_count; i++) {
		const struct device_setting *setting = &policy->settings[i];

		if (!pci_addr_equal(&setting->addr, addr))
			continue;
		keys[setting->key].set(&result, setting->value);
		result.processes_set |= keys[setting->key].set == set_processes;
		result.services_set |= keys[setting->key].set == set_services;
	}
	return result;
}
