// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lists of the command line that name devices.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "generator/selection.h"

static void lists_add_up(void **state)
{
	struct selection_wishes wishes = {0};
	struct selection_list *list = &wishes.include;
	struct error err = ERROR_INIT;

	(void)state;
	assert_false(selection_wishes_any(&wishes));
	assert_ok(selection_add_groups(list, "1,14-16", &err), &err);
	assert_ok(selection_add_groups(list, "7", &err), &err);
	assert_int_equal(list->range_count, 3);
	assert_int_equal(list->ranges[1].first, 14);
	assert_int_equal(list->ranges[1].last, 16);
	assert_int_equal(list->ranges[2].last, 7);
	assert_false(list->all);
	assert_ok(selection_add_ids(list, "10de:2204,8086:15F3", &err), &err);
	assert_int_equal(list->ids[0].vendor, 0x10de);
	assert_int_equal(list->ids[1].device, 0x15f3);
	assert_ok(selection_add_drivers(list, "nvme,xhci_hcd", &err), &err);
	assert_text(list->drivers[1], "xhci_hcd");
	assert_ok(selection_add_devices(list, "0000:01:00.0,02:00.1", &err), &err);
	assert_int_equal(list->addrs[1].bus, 2);
	assert_int_equal(list->addrs[1].function, 1);
	assert_true(selection_wishes_any(&wishes));
	selection_wishes_done(&wishes);
	assert_false(selection_wishes_any(&wishes));
}

static void words_for_many_groups(void **state)
{
	struct selection_wishes wishes = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(selection_add_groups(&wishes.include, "all", &err), &err);
	assert_true(wishes.include.all && !wishes.include.no_vga);
	assert_ok(selection_add_groups(&wishes.exclude, "3,no-vga", &err), &err);
	assert_true(wishes.exclude.all && wishes.exclude.no_vga);
	assert_true(selection_wishes_any(&wishes));
	selection_wishes_done(&wishes);
}

static void what_leaves_out_selects_nothing(void **state)
{
	struct selection_wishes wishes = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(selection_add_groups(&wishes.exclude, "all", &err), &err);
	assert_false(selection_wishes_any(&wishes));
	selection_wishes_done(&wishes);
}

static void refuse_all(int (*add)(struct selection_list *, const char *, struct error *),
		       const char *const *wrong, size_t count, const char *what)
{
	for (size_t i = 0; i < count; i++) {
		struct selection_wishes wishes = {0};
		struct error err = ERROR_INIT;

		if (add(&wishes.include, wrong[i], &err) == 0)
			print_error("taken: \"%s\"\n", wrong[i]);
		assert_int_equal(err.code, EINVAL);
		assert_contains(err.text, what);
		selection_wishes_done(&wishes);
	}
}
#define REFUSE(add, what, ...)                                                                     \
	refuse_all(add, (const char *const[]){__VA_ARGS__},                                        \
		   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), what)

static void what_is_none_of_these(void **state)
{
	(void)state;
	REFUSE(selection_add_groups, "is no IOMMU group", "", ",", "1,", ",1", "1,,2", "-1", "5-3",
	       "1-", "1-2-3", "1--2", "x", "1x", "1 ", " 1", "+1", "1234567", "1-1234567", "ALL",
	       "no_vga", "0x1");
	REFUSE(selection_add_ids, "is no hardware id", "", "10de", "10de:", "10de:220",
	       "10de:22044", "10dg:2204", "10de-2204", "0x10:2204", "10de:2204:1458:403b",
	       "10de:2204,", "-0de:2204", "10de:+204");
	REFUSE(selection_add_drivers, "is no driver's name", "", "a b", "a/b", "../x", "none",
	       "a,,b");
	REFUSE(selection_add_devices, "is no PCI address", "", "01", "01:00", "01:00.8",
	       "1:2:3:4.0", "01:20.0", "0000:01:00.0,", "01:00.0 ", "\x1b[0m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_add_up),
		cmocka_unit_test(words_for_many_groups),
		cmocka_unit_test(what_leaves_out_selects_nothing),
		cmocka_unit_test(what_is_none_of_these),
	};

	return cmocka_run_group_tests_name("selection-list", tests, NULL, NULL);
}
