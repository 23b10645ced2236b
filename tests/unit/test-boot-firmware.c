// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variables of the firmware as efivarfs gives them.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/boot/boot-firmware.h"

static void check(const char *data, size_t length, const char *expected)
{
	auto_free char *found = firmware_efi_text(data, length);

	if (expected)
		assert_string_equal(found, expected);
	else
		assert_null(found);
}

static void text_is_utf_16_behind_attributes(void **state)
{
	static const char grub[] = "\6\0\0\0G\0R\0U\0B\0 \0002\0\0\0x\0";
	static const char odd[] = "\6\0\0\0a\0\x1b\0\xe9\0A\4b";

	(void)state;
	check(grub, sizeof(grub) - 1, "GRUB 2");
	check(odd, sizeof(odd) - 1, "a???");
	for (size_t length = 0; length < 6; length++)
		check(grub, length, NULL);
	check("\6\0\0\0\0\0a\0", 8, NULL);
}

static void long_text_is_cut(void **state)
{
	char data[4 + 2 * 1000];
	auto_free char *found = NULL;

	(void)state;
	memset(data, 0, sizeof(data));
	for (size_t i = 4; i < sizeof(data); i += 2)
		data[i] = 'x';
	found = firmware_efi_text(data, sizeof(data));
	assert_int_equal(strlen(found), 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_utf_16_behind_attributes),
		cmocka_unit_test(long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
