// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers and UUIDs as libvirt reads them, seen through the whole parser.
 */
#include "tests/unit/domain-helpers.h"

static void numbers_of_every_base(void **state)
{
	(void)state;
	assert_address(DEVICES(HOSTDEV("bus='0x1f'")), "0000:1f:00.0");
	assert_address(DEVICES(HOSTDEV("bus='0X1F'")), "0000:1f:00.0");
	assert_address(DEVICES(HOSTDEV("bus='31'")), "0000:1f:00.0");
	assert_address(DEVICES(HOSTDEV("bus='010'")), "0000:08:00.0");
	assert_address(DEVICES(HOSTDEV("domain='1' bus='2' slot='3' function='4'")),
		       "0001:02:03.4");
	refused(DEVICES(HOSTDEV("bus='08'")),
		"<address bus='08'> in <source> in <hostdev>: not a number "
		"from 0 to 0xff");
}

static void numbers_as_strtoul(void **state)
{
	(void)state;
	assert_address(DEVICES(HOSTDEV("bus='  7'")), "0000:07:00.0");
	assert_address(DEVICES(HOSTDEV("bus='&#9;&#10;7'")), "0000:07:00.0");
	assert_address(DEVICES(HOSTDEV("bus='+7'")), "0000:07:00.0");
	assert_address(DEVICES(HOSTDEV("bus='&#x30;&#x78;7'")), "0000:07:00.0");
	refused(DEVICES(HOSTDEV("bus='7 '")), "bus='7 '");
	refused(DEVICES(HOSTDEV("bus='-7'")), "bus='-7'");
	refused(DEVICES(HOSTDEV("bus='-0'")), "bus='-0'");
	refused(DEVICES(HOSTDEV("bus='- 7'")), "bus='- 7'");
	refused(DEVICES(HOSTDEV("bus='+-7'")), "bus='+-7'");
	refused(DEVICES(HOSTDEV("domain='-18446744073709551615'")), "domain='-1844");
}

static void numbers_that_are_none(void **state)
{
	(void)state;
	refused(DEVICES(HOSTDEV("bus=''")), "bus=''");
	refused(DEVICES(HOSTDEV("bus=' '")), "bus=' '");
	refused(DEVICES(HOSTDEV("bus='0x'")), "bus='0x'");
	refused(DEVICES(HOSTDEV("bus='0x1g'")),
		"domain XML line 1, <address bus='0x1g'> in <source> "
		"in <hostdev>: not a number from 0 to 0xff");
	refused(DEVICES(HOSTDEV("bus='one'")), "bus='one'");
	refused(DEVICES(HOSTDEV("bus='1.0'")), "bus='1.0'");
}

static void number_ranges(void **state)
{
	(void)state;
	assert_address(DEVICES(HOSTDEV("domain='0xffffffff' bus='0xff' slot='0x1f' "
				       "function='7'")),
		       "ffffffff:ff:1f.7");
	assert_address(DEVICES(HOSTDEV("domain='0x10000'")), "10000:00:00.0");
	refused(DEVICES(HOSTDEV("domain='0x100000000'")), "from 0 to 0xffffffff");
	refused(DEVICES(HOSTDEV("domain='99999999999999999999'")), "from 0 to 0xffffffff");
	refused(DEVICES(HOSTDEV("bus='0x100'")), "from 0 to 0xff");
	refused(DEVICES(HOSTDEV("slot='32'")), "from 0 to 0x1f");
	refused(DEVICES(HOSTDEV("bus='1' function='8'")), "from 0 to 0x7");
}

static void all_zero_is_an_address(void **state)
{
	(void)state;
	assert_address(DEVICES(HOSTDEV("domain='0' bus='0' slot='0' function='0'")),
		       "0000:00:00.0");
	refused(DEVICES(HOSTDEV("domain='0' bus='0' slot='0' function='9'")), "function='9'");
}

static void uuid_spellings(void **state)
{
	(void)state;
	assert_uuid(DOMAIN("<uuid>" UUID "</uuid>"), UUID);
	assert_uuid(DOMAIN("<uuid>4DEA22B3-1D52-D8F3-2516-782E98AB3FA0</uuid>"), UUID);
	assert_uuid(DOMAIN("<uuid>4dea22b31d52d8f32516782e98ab3fa0</uuid>"), UUID);
	assert_uuid(DOMAIN("<uuid>\n 4dea22b3 1d52 d8f3-25-16-782e98ab3fa0\t\n</uuid>"), UUID);
	assert_uuid(DOMAIN("<uuid></uuid>"), "");
	assert_uuid(DOMAIN(""), "");
}

static void uuid_invalid(void **state)
{
	(void)state;
	refused(DOMAIN("<uuid>{" UUID "}</uuid>"), "<uuid>: '{4dea");
	refused(DOMAIN("<uuid>" UUID "0</uuid>"), "is no UUID");
	refused(DOMAIN("<uuid>4dea22b3-1d52-d8f3-2516-782e98ab3fa</uuid>"), "is no UUID");
	refused(DOMAIN("<uuid>4dea22b3-1d52-d8f3-2516-782e98ab3fag</uuid>"), "is no UUID");
	refused(DOMAIN("<uuid>4-dea22b31d52d8f32516782e98ab3fa0</uuid>"), "is no UUID");
	refused(DOMAIN("<uuid>4dea22b31d52d8f32516782e98ab3fa0-</uuid>"), "is no UUID");
	refused(DOMAIN("<uuid>x</uuid>"), "domain XML line 1, <uuid>: 'x' is no UUID");
	refused(DOMAIN("<uuid> </uuid>"), "is no UUID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_every_base),  cmocka_unit_test(numbers_as_strtoul),
		cmocka_unit_test(numbers_that_are_none),  cmocka_unit_test(number_ranges),
		cmocka_unit_test(all_zero_is_an_address), cmocka_unit_test(uuid_spellings),
		cmocka_unit_test(uuid_invalid),
	};

	return cmocka_run_group_tests_name("domain-value", tests, NULL, NULL);
}
