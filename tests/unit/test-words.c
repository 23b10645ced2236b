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
	auto_reserved struct reserved reserved = {.snapshot = &known->snapshot};
	auto_text struct text words = TEXT_INIT, ids = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		reserved_add(&reserved, &known->snapshot.devices[i]);
	words_guest(&reserved, &words);
	assert_text(words.data, "hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000+1of2,"
				"0000:03:00.0=10de:2204:1458:403b:030000+2of2,"
				"0001:02:1f.7=1b21:2142:0000:0000:0c0330+1of1");
	/* Twins have one. */
	words_ids(&reserved, &ids);
	assert_text(ids.data, "10de:2204:1458:403b,1b21:2142:0000:0000");
}

/*
 * The first stays with the host, and so does one that only its class tells from them. What has no
 * twin may get one at its address.
 */
static void an_item_tells_its_place_among_its_twins(void **state)
{
	auto_known struct known *known =
		known_new("01:00.0 1 030000 10de:2204 nvidia sub=1458:403b\n"
			  "02:00.0 2 030200 10de:2204 nvidia sub=1458:403b\n"
			  "03:00.0 3 030000 10de:2204 nvidia sub=1458:403b\n"
			  "04:00.0 4 030000 10de:2204 nvidia sub=1458:403b\n"
			  "05:00.0 5 0c0330 1b21:2142 xhci_hcd\n"
			  "0001:02:00.0 6 0c0330 1b21:2142 xhci_hcd\n");
	auto_reserved struct reserved reserved = {.snapshot = &known->snapshot};
	auto_text struct text words = TEXT_INIT;

	(void)state;
	for (size_t i = 2; i < 5; i++)
		reserved_add(&reserved, &known->snapshot.devices[i]);
	words_guest(&reserved, &words);
	assert_text(words.data, "hostdev.guest=0000:03:00.0=10de:2204:1458:403b:030000+2of3,"
				"0000:04:00.0=10de:2204:1458:403b:030000+3of3,"
				"0000:05:00.0=1b21:2142:0000:0000:0c0330+1of1");
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
		cmocka_unit_test(an_item_tells_its_place_among_its_twins),
		cmocka_unit_test(a_title_is_nothing_but_text),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
