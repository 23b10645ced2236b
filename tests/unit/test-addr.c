// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PCI addresses: the kernel's spelling in, the same out, every other refused; and the three that
 * people use.
 */
#include "tests/host/check.h"

#include <string.h>

#include "model/addr.h"

static void parses_what_sysfs_writes(void **state)
{
	static const char *const good[] = {"0000:00:00.0",  "0000:01:00.0",     "0000:ff:1f.7",
					   "10000:e1:00.0", "ffffffff:ff:1f.7", "ffff:00:02.1"};
	struct pci_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(pci_addr_parse(good[i], &addr));
		assert_string_equal(ADDR(&addr), good[i]);
	}
	assert_true(pci_addr_parse("10000:e1:0a.3", &addr));
	assert_int_equal(addr.domain, 0x10000);
	assert_int_equal(addr.bus, 0xe1);
	assert_int_equal(addr.slot, 0x0a);
	assert_int_equal(addr.function, 3);
}

static void refuses_all_else(void **state)
{
	static const char *const bad[] = {"",
					  "01:00.0",
					  "0000:01:00",
					  "0000:01:00.8",
					  "0000:01:20.0",
					  "0000:01:00.0 ",
					  " 0000:01:00.0",
					  "0000:1:00.0",
					  "0000:01:0.0",
					  "000:01:00.0",
					  "00000:01:00.0",
					  "0000:01:00.0\n",
					  "0000:FF:1f.7",
					  "100000000:01:00.0",
					  "0000:01:00.00",
					  "0x00:01:00.0",
					  "0000:01:00.-1",
					  "+000:01:00.0",
					  "0000:01:00.0/..",
					  "../../etc/passwd",
					  "0000:001:00.0"};
	struct pci_addr addr = {1, 2, 3, 4};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (pci_addr_parse(bad[i], &addr))
			fail_msg("\"%s\" was taken for an address", bad[i]);
		assert_int_equal(addr.domain, 1);
		assert_int_equal(addr.function, 4);
	}
}

static void parses_what_people_give(void **state)
{
	static const char *const given[][2] = {
		{"0000:02:00.0", "0000:02:00.0"},     {"02:00.0", "0000:02:00.0"},
		{"pci_0000_02_00_0", "0000:02:00.0"}, {"10000:e1:0a.3", "10000:e1:0a.3"},
		{"e1:0a.3", "0000:e1:0a.3"},          {"pci_10000_e1_0a_3", "10000:e1:0a.3"},
		{"ff:1f.7", "0000:ff:1f.7"},          {"pci_ffffffff_ff_1f_7", "ffffffff:ff:1f.7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		struct pci_addr addr = {1, 2, 3, 4};

		if (!pci_addr_parse_given(given[i][0], &addr))
			fail_msg("\"%s\" was not taken for an address", given[i][0]);
		assert_string_equal(ADDR(&addr), given[i][1]);
	}
}

static void refuses_what_is_given_otherwise(void **state)
{
	static const char *const bad[] = {
		"",
		"00.0",
		"2:00.0",
		"02:00",
		"02:00.0 ",
		"02:00.8",
		"0A:00.0",
		":02:00.0",
		"0000:0000:02:00.0",
		"pci_",
		"pci_02_00_0",
		"pci_0000_02_00",
		"pci_0000_02_00_0_",
		"pci_0000_02_00_0_1",
		"pci_0000_02_00.0",
		"pci_0000:02:00.0",
		"pci_0000_2_00_0",
		"pci_0000_02_00_8",
		"pci_pci_0000_02_00_0",
		"PCI_0000_02_00_0",
		"usb_0000_02_00_0",
		"pci_0000_02_00_0aaaaaaaaaaaaaaaaaaaaaaaaa",
		"02:00.0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct pci_addr addr = {1, 2, 3, 4};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (pci_addr_parse_given(bad[i], &addr))
			fail_msg("\"%s\" was taken for an address", bad[i]);
		assert_int_equal(addr.domain, 1);
		assert_int_equal(addr.function, 4);
	}
}

static void orders_by_domain_first(void **state)
{
	static const struct pci_addr sorted[] = {{0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0},
						 {0, 1, 0, 0}, {1, 0, 0, 0}, {0x10000, 0, 0, 0}};
	size_t count = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			int order = pci_addr_compare(&sorted[i], &sorted[j]);

			assert_int_equal(order < 0, i < j);
			assert_int_equal(order > 0, i > j);
			assert_int_equal(pci_addr_equal(&sorted[i], &sorted[j]), i == j);
		}
	}
}

static void same_slot_is_any_function(void **state)
{
	struct pci_addr a = {0, 1, 2, 0}, b = {0, 1, 2, 7}, c = {0, 1, 3, 0}, d = {1, 1, 2, 0};

	(void)state;
	assert_true(pci_addr_same_slot(&a, &b));
	assert_false(pci_addr_same_slot(&a, &c));
	assert_false(pci_addr_same_slot(&a, &d));
}

static void root_buses(void **state)
{
	(void)state;
	assert_true(pci_addr_is_root_bus_name("pci0000:00"));
	assert_true(pci_addr_is_root_bus_name("pci10000:e0"));
	assert_false(pci_addr_is_root_bus_name("pci_bus"));
	assert_false(pci_addr_is_root_bus_name("pci0000:00:00.0"));
	assert_false(pci_addr_is_root_bus_name("0000:00"));
	assert_false(pci_addr_is_root_bus_name("pci"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_what_sysfs_writes),
		cmocka_unit_test(refuses_all_else),
		cmocka_unit_test(parses_what_people_give),
		cmocka_unit_test(refuses_what_is_given_otherwise),
		cmocka_unit_test(orders_by_domain_first),
		cmocka_unit_test(same_slot_is_any_function),
		cmocka_unit_test(root_buses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
