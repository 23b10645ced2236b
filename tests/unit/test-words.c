// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How devices are written for the kernel's command line and for a menu.
 */
#include "tests/unit/generate-helpers.h"

#include "generator/words.h"

static void items_and_lists(void **state)
{
	auto_known struct known *known =
		known_new("01:00.0 1 030000 10de:2204 nvidia sub=1458:403b\n"
			  "0001:02:1f.7 2 0c0330 1b21:2142 xhci_hcd\n"
			  "03:00.0 3 030000 10de:2204 nvidia sub=1458:403b\n");
	const struct device *devices[] = {&known->snapshot.devices[0], &known->snapshot.devices[1],
					  &known->snapshot.devices[2]};
	auto_text struct text words = TEXT_INIT, ids = TEXT_INIT;

	(void)state;
	words_guest(devices, 2, &words);
	assert_text(words.data, "hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000,"
				"0001:02:1f.7=1b21:2142:0000:0000:0c0330");
	/* Twins have one. */
	words_ids(devices, 3, &ids);
	assert_text(ids.data, "10de:2204:1458:403b,1b21:2142:0000:0000");
}

static void a_title_is_nothing_but_text(void **state)
{
	auto_free char *title = words_title("NVIDIA \"GA102\" [RTX $(reboot) `x` 'y' \\ {z} a;b|c&d"
					    "<e> \xc3\xa4\n\x1b] 01:00.0/+-_,=!");

	(void)state;
	assert_text(title, "NVIDIA  GA102  [RTX  (reboot)  x   y     z  a b c d e      ] "
			   "01:00.0/+-_,  ");
	assert_null(strpbrk(title, "\"'$`\\{}<>|&;\n\x1b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_and_lists),
		cmocka_unit_test(a_title_is_nothing_but_text),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
