// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The limits as keys of the policy and as a line of the journal; and what they mean for a step.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "model/limits.h"

static const char usual[] = "unbind-time=10 bind-time=20 reset-time=75 release-time=10 "
			    "script-time=60 total-time=240";

static void what_is_formatted_is_parsed(void **state)
{
	struct limits limits = LIMITS_INIT, parsed = {0};
	auto_text struct text text = TEXT_INIT;

	(void)state;
	limits_format(&limits, &text);
	assert_text(text.data, usual);
	assert_true(limits_parse(text.data, text.length, &parsed));
	assert_memory_equal(&parsed, &limits, sizeof(limits));
	limits.unbind_ms = 1000;
	limits.total_ms = 900000;
	text_done(&text);
	limits_format(&limits, &text);
	assert_true(limits_parse(text.data, text.length, &parsed));
	assert_memory_equal(&parsed, &limits, sizeof(limits));
}

static void nothing_else_is_parsed(void **state)
{
	static const char *const wrong[] = {
		"",
		"unbind-time=10 bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=240 ",
		"unbind-time=10  bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=240",
		"unbind-time=10 bind-time",
		"unbind-time=10 =20",
		"unbind-time=0 bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=240",
		"unbind-time=010 bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=240",
		"unbind-time=10 bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=901",
		"unbind-time=10 bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=",
		"unbind-time=10 bind-time=20 reset-time=75 release-time=10 script-time=60 "
		"total-time=24x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct limits limits = LIMITS_INIT;

		limits.bind_ms = 1;
		if (limits_parse(wrong[i], strlen(wrong[i]), &limits))
			fail_msg("parsed: %s", wrong[i]);
		assert_int_equal(limits.bind_ms, 1);
	}
}

static void keys_are_set_one_by_one(void **state)
{
	struct limits limits = LIMITS_INIT;

	(void)state;
	for (size_t i = 0; limits_key(i); i++)
		assert_int_equal(limits_set(&limits, limits_key(i), "7"), 0);
	assert_null(limits_key(6));
	assert_int_equal(limits.unbind_ms, 7000);
	assert_int_equal(limits.bind_ms, 7000);
	assert_int_equal(limits.reset_ms, 7000);
	assert_int_equal(limits.release_ms, 7000);
	assert_int_equal(limits.script_ms, 7000);
	assert_int_equal(limits.total_ms, 7000);
	assert_int_equal(limits_set(&limits, "bind-time", "900"), 0);
	assert_int_equal(limits_set(&limits, "reset-time", "001"), 0);
	assert_int_equal(limits.bind_ms, 900000);
	assert_int_equal(limits.reset_ms, 1000);
}

static void what_is_no_limit_is_not_set(void **state)
{
	static const char *const wrong[] = {"", "0", "901", "-1", "1.5", "10s", " 1", "1000", "00"};
	struct limits limits = LIMITS_INIT;
	const struct limits usual_limits = LIMITS_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(limits_set(&limits, "unbind-time", wrong[i]), -EINVAL);
	assert_int_equal(limits_set(&limits, "wait-time", "5"), -ENOENT);
	assert_int_equal(limits_set(&limits, "unbind", "5"), -ENOENT);
	assert_memory_equal(&limits, &usual_limits, sizeof(limits));
}

/* A driver's time follows from where the device comes from and where it goes. */
static void steps_have_the_time_of_what_the_kernel_does(void **state)
{
	static const char host[] = "nvidia", waiting[] = "none,override=vfio-pci",
			  vfio[] = "vfio-pci,override=vfio-pci";
	const struct limits limits = {.unbind_ms = 1000000,
				      .bind_ms = 2000000,
				      .reset_ms = 4000000,
				      .release_ms = 8000000};
	const unsigned int more = 10000; /* what waits and looks bound themselves */

	(void)state;
	assert_uint_in_range(step_timeout_ms(STEP_DRIVER, host, waiting, &limits), 1000000,
			     1000000 + more);
	assert_int_equal(step_timeout_ms(STEP_DRIVER, waiting, vfio, &limits), 2000000);
	assert_int_equal(step_timeout_ms(STEP_DRIVER, vfio, waiting, &limits), 12000000);
	assert_int_equal(step_timeout_ms(STEP_DRIVER, waiting, host, &limits), 2000000);
	assert_int_equal(step_timeout_ms(STEP_DRIVER, vfio, host, &limits), 14000000);
	assert_int_equal(step_timeout_ms(STEP_POWER, "auto", "on", &limits), 4000000);
	assert_int_equal(step_timeout_ms(STEP_MODULE, "absent", "loaded", &limits), 2000000);
	assert_int_equal(step_timeout_ms(STEP_FRAMEBUFFER, "efi-framebuffer", "none", &limits),
			 1000000);
	assert_int_equal(step_timeout_ms(STEP_FRAMEBUFFER, "none", "efi-framebuffer", &limits),
			 2000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_formatted_is_parsed),
		cmocka_unit_test(nothing_else_is_parsed),
		cmocka_unit_test(keys_are_set_one_by_one),
		cmocka_unit_test(what_is_no_limit_is_not_set),
		cmocka_unit_test(steps_have_the_time_of_what_the_kernel_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
