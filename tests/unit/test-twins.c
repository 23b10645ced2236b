// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that are alike: which of them one is, and how that is written.
 */
#include "tests/unit/generate-helpers.h"

#include "model/twins.h"

static void check_place(const struct known *known, size_t index, const char *expected)
{
	auto_text struct text text = TEXT_INIT;
	struct twin_place place;

	twin_place_of(&known->snapshot, &known->snapshot.devices[index], &place);
	twin_place_format(&place, &text);
	assert_text(text.data, expected);
}

static void twins_are_counted_in_one_domain_in_the_order_of_their_addresses(void **state)
{
	auto_known struct known *known =
		known_new("01:00.0 1 030000 10de:2204 nvidia sub=1458:403b\n"
			  "01:00.1 1 040300 10de:2204 nvidia sub=1458:403b\n"
			  "02:00.0 2 030000 10de:2204 nvidia sub=1462:403b\n"
			  "ff:1f.7 3 030000 10de:2204 nvidia sub=1458:403b\n"
			  "10000:01:00.0 4 030000 10de:2204 nvidia sub=1458:403b\n"
			  "01:00.2 5 030000 10de:2204 none vf=01:00.0 sub=1458:403b\n");

	(void)state;
	check_place(known, 0, "1of2");
	check_place(known, 1, "1of1");
	check_place(known, 2, "1of1");
	check_place(known, 3, "2of2");
	check_place(known, 4, "1of1");
	check_place(known, 5, "1of1");
}

static void a_place_is_read_as_it_is_written(void **state)
{
	static const char *const wrong[] = {"",
					    "2",
					    "2of",
					    "of3",
					    "0of3",
					    "4of3",
					    "2of3 ",
					    " 2of3",
					    "+2of3",
					    "2of+3",
					    "-1of3",
					    "2Of3",
					    "1of99999999999999999999999"};
	struct twin_place place = {7, 7};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(twin_place_parse(wrong[i], &place));
	assert_int_equal(place.rank, 7);
	assert_true(twin_place_parse("12of24", &place));
	assert_true(twin_place_equal(&place, &(struct twin_place){12, 24}));
	assert_false(twin_place_equal(&place, &(struct twin_place){12, 25}));
	assert_false(twin_place_equal(&place, &(struct twin_place){11, 24}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twins_are_counted_in_one_domain_in_the_order_of_their_addresses),
		cmocka_unit_test(a_place_is_read_as_it_is_written),
	};

	return cmocka_run_group_tests_name("twins", tests, NULL, NULL);
}
