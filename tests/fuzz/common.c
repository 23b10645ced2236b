// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all fuzz targets share: how the sanitizer is set up for millions of short runs, and what
 * any policy must be.
 */
#include "tests/fuzz/fuzz.h"

#include "base/cleanup.h"
#include "base/text.h"

const char *__asan_default_options(void);

/*
 * Freed memory waits in the quarantine until it is used again: at the usual 256 MB every
 * allocation is a miss of the processor's caches. 4 MB are still thousands of inputs. Where a
 * finding needs longer stacks, ASAN_OPTIONS=malloc_context_size=30 gives them.
 */
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=4:max_malloc_fill_size=64:malloc_context_size=3";
}

static void check_device(const struct device_policy *policy)
{
	check(policy->processes <= PROCESSES_TERMINATE && policy->services <= SERVICES_TERMINATE);
	check(policy->display <= DISPLAY_STOP && policy->allow < 1U << USE_KINDS);
	check(policy->wait_time_ms <= 300000 && policy->grace_time_ms <= 300000);
	for (int kind = 0; kind < USE_KINDS; kind++)
		check(!(policy->allow & 1U << kind) || use_allow_name((enum use_kind)kind));
}

static void check_limits(const struct limits *limits)
{
	auto_text struct text text = TEXT_INIT;
	struct limits again = {0};

	limits_format(limits, &text);
	check(limits_parse(text.data, text.length, &again));
	check(limits->unbind_ms == again.unbind_ms && limits->bind_ms == again.bind_ms);
	check(limits->reset_ms == again.reset_ms && limits->release_ms == again.release_ms);
	check(limits->script_ms == again.script_ms && limits->total_ms == again.total_ms);
}

void check_policy_values(const struct policy *policy)
{
	check(policy->group == GROUP_REFUSE || policy->group == GROUP_WHOLE);
	check_limits(&policy->limits);
	check_device(&policy->all);
	for (size_t i = 0; i < policy->setting_count; i++) {
		struct device_policy device = policy_of_device(policy, &policy->settings[i].addr);

		check_device(&device);
	}
}
