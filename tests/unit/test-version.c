// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Versions are compared as "sort -V" does it.
 */
#include "tests/host/check.h"

#include "model/version.h"

/* In the order of LC_ALL=C sort -V. */
static const char *const sorted[] = {
	"5.15.0-99-generic",
	"5.15.0-101-generic",
	"6.1.0-57-amd64",
	"6.8.12-1-pve",
	"6.8.12-10-pve",
	"6.9",
	"6.9.4-200.fc40.x86_64",
	"6.12~rc3",
	"6.12",
	"6.12-rc3",
	"6.12.0",
	"6.12.0-rc3",
	"6.12.4-200.fc41.x86_64",
	"6.12.41+deb13-amd64",
	"6.12.48+deb13-amd64",
	"6.12.48+deb13-cloud-amd64",
	"6.16~rc7-amd64",
	"6.16-amd64",
	"6.16.3+deb14-amd64",
	"6.17.1-arch1-1",
	"6.17.1-zen1-1-zen",
	"6.99999999999999999999999",
	"6.100000000000000000000000",
};
#define COUNT (sizeof(sorted) / sizeof(sorted[0]))

static void the_order_is_that_of_sort(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(version_compare(sorted[i], sorted[i]), 0);
		for (size_t j = i + 1; j < COUNT; j++) {
			assert_true(version_compare(sorted[i], sorted[j]) < 0);
			assert_true(version_compare(sorted[j], sorted[i]) > 0);
		}
	}
}

static void zeros_in_front_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(version_compare("6.012", "6.12"), 0);
	assert_int_equal(version_compare("", ""), 0);
	assert_true(version_compare("~", "") < 0);
	assert_true(version_compare("", "a") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_that_of_sort),
		cmocka_unit_test(zeros_in_front_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
