// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which kernels have a known fault, whatever a distribution hangs on to their release.
 */
#include "tests/host/check.h"

#include "model/kernel-fault.h"

static void releases_with_a_fault(void **state)
{
	static const char *const releases[][2] = {
		{"6.6.125", "6.6.126"},
		{"6.12.72+deb13-amd64", "6.12.73"},
		{"6.18.11-200.fc43.x86_64", "6.18.12"},
		{"6.19.1-arch1-1", "6.19.2"},
		{"7.0.0-rc2", "7.0-rc3"},
		{"7.0~rc1-amd64", "7.0-rc3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		const struct kernel_fault *fault = kernel_fault_find(releases[i][0]);

		assert_non_null(fault);
		assert_string_equal(fault->fixed, releases[i][1]);
	}
}

static void releases_without(void **state)
{
	static const char *const releases[] = {
		"6.6.126", "6.6.12",     "6.12.7-amd64",     "6.12.73+deb13-amd64",
		"6.19.10", "6.19.1.2",   "6.18.110",         "7.0.0-rc3",
		"7.0.0",   "7.0.0-rc10", "6.8.0-45-generic", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		if (kernel_fault_find(releases[i]))
			fail_msg("%s has a fault", releases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_with_a_fault),
		cmocka_unit_test(releases_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
