// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Refusals in words: each kind one line that names the device, says that nothing was changed, and
 * what to do next.
 */
#include "tests/host/check.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/refusal.h"

static char gpu_name[] = "NVIDIA GA102 [GeForce RTX 3090]";

static struct device devices[] = {
	{.addr = {0, 1, 0, 0}, .vendor = 0x10de, .product = 0x2204, .group = 14, .name = gpu_name},
	{.addr = {0, 2, 0, 0},
	 .vendor = 0x8086,
	 .product = 0x10d3,
	 .group = 14,
	 .bound = {"e1000e", "", ""}},
};

static const struct snapshot snapshot = {.iommu = true, .devices = devices, .device_count = 2};
static char other[] = "games", evidence[] = "the evidence";
static char advice[] = "Here it says what to do about it.";

static struct refusal refusal_of(enum refusal_kind kind)
{
	return (struct refusal){.kind = kind,
				.addr = {0, 1, 0, 0},
				.mate = {0, 2, 0, 0},
				.group = 14,
				.guest = other,
				.use = USE_DEFAULT_ROUTE,
				.evidence = evidence,
				.advice = advice};
}

static void every_kind_is_one_line_of_advice(void **state)
{
	(void)state;
	for (int kind = 0; kind < REFUSAL_KINDS; kind++) {
		struct refusal refusal = refusal_of((enum refusal_kind)kind);
		auto_text struct text text = TEXT_INIT;

		refusal_format(&refusal, &snapshot, &text);
		assert_null(strpbrk(text.data, "\n\r"));
		if (kind != REFUSAL_IOMMU_OFF)
			assert_contains(text.data, "0000:01:00.0");
		assert_contains(text.data, "nothing was changed. ");
		/* Something follows, and it is a sentence. */
		assert_true(strlen(strstr(text.data, "nothing was changed. ")) > 30);
		assert_int_equal(text.data[text.length - 1], '.');
	}
}

static void no_two_kinds_say_the_same(void **state)
{
	(void)state;
	for (int a = 0; a < REFUSAL_KINDS; a++) {
		for (int b = 0; b < a; b++) {
			struct refusal one = refusal_of((enum refusal_kind)a);
			struct refusal two = refusal_of((enum refusal_kind)b);
			auto_text struct text text = TEXT_INIT, twin = TEXT_INIT;

			refusal_format(&one, &snapshot, &text);
			refusal_format(&two, &snapshot, &twin);
			assert_string_not_equal(text.data, twin.data);
		}
	}
}

static void mates_and_guests_are_named(void **state)
{
	static const enum refusal_kind of_mates[] = {REFUSAL_GROUP_CLAIMED, REFUSAL_MATE,
						     REFUSAL_MATE_PF, REFUSAL_MATE_CHIPSET,
						     REFUSAL_COMPANION};
	static const enum refusal_kind of_guests[] = {REFUSAL_CLAIMED, REFUSAL_GROUP_CLAIMED};

	(void)state;
	for (size_t i = 0; i < sizeof(of_mates) / sizeof(of_mates[0]); i++) {
		struct refusal refusal = refusal_of(of_mates[i]);
		auto_text struct text text = TEXT_INIT;

		refusal_format(&refusal, &snapshot, &text);
		assert_contains(text.data, "0000:02:00.0 [8086:10d3]");
	}
	for (size_t i = 0; i < sizeof(of_guests) / sizeof(of_guests[0]); i++) {
		struct refusal refusal = refusal_of(of_guests[i]);
		auto_text struct text text = TEXT_INIT;

		refusal_format(&refusal, &snapshot, &text);
		assert_contains(text.data, "games");
	}
}

static void names_are_used_where_known(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_MATE);
	auto_text struct text text = TEXT_INIT;

	(void)state;
	refusal_format(&refusal, &snapshot, &text);
	assert_contains(text.data, "0000:01:00.0 (NVIDIA GA102 [GeForce RTX 3090])");
	assert_contains(text.data, "group 14");
	assert_contains(text.data, "e1000e");
	assert_contains(text.data, "group = whole");
}

static void devices_outside_the_snapshot_keep_their_address(void **state)
{
	struct refusal refusal = {.kind = REFUSAL_MISSING, .addr = {0, 9, 0, 0}};
	const struct snapshot empty = {.iommu = true};
	auto_text struct text text = TEXT_INIT;

	(void)state;
	refusal_format(&refusal, &empty, &text);
	assert_contains(text.data, "0000:09:00.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_one_line_of_advice),
		cmocka_unit_test(no_two_kinds_say_the_same),
		cmocka_unit_test(mates_and_guests_are_named),
		cmocka_unit_test(names_are_used_where_known),
		cmocka_unit_test(devices_outside_the_snapshot_keep_their_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
