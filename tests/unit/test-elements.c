// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How devices of the host are named in a guest, and where in the guest they are.
 */
#include "generator/elements.h"

#include <errno.h>

#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"01:00.2 1 0c0330 10de:1ad8 xhci_hcd\n"                                                    \
	"02:00.1 2 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"02:00.3 2 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"03:10.0 3 020000 8086:10ed ixgbevf vf=02:00.0\n"                                          \
	"03:10.1 4 020000 8086:10ed ixgbevf vf=02:00.0\n"

static int make(const struct known *known, const struct elements_wishes *wishes, struct text *out)
{
	const struct device *devices[16];
	auto_elements struct elements elements = {0};
	int ret;

	for (size_t i = 0; i < known->snapshot.device_count; i++)
		devices[i] = &known->snapshot.devices[i];
	ret = elements_make(devices, known->snapshot.device_count, wishes, &elements, NULL);
	for (size_t i = 0; i < elements.count; i++)
		text_printf(out, "%s", elements.items[i].text);
	return ret;
}

static void functions_are_as_on_the_host(void **state)
{
	auto_known struct known *known = known_new(HOST);
	const struct elements_wishes wishes = {.as_qemu = true, .bus = 0, .slot = 4};
	auto_text struct text out = TEXT_INIT;

	(void)state;
	assert_int_equal(make(known, &wishes, &out), 0);
	assert_text(out.data, "-device vfio-pci,host=0000:01:00.0,addr=04.0,multifunction=on\n"
			      "-device vfio-pci,host=0000:01:00.2,addr=04.2\n"
			      /* A guest's device has a function 0. */
			      "-device vfio-pci,host=0000:02:00.1,addr=05.0,multifunction=on\n"
			      "-device vfio-pci,host=0000:02:00.3,addr=05.1\n"
			      /* Virtual functions are no functions of one card. */
			      "-device vfio-pci,host=0000:03:10.0,addr=06.0\n"
			      "-device vfio-pci,host=0000:03:10.1,addr=07.0\n");
}

static void there_are_only_so_many_places(void **state)
{
	auto_known struct known *known = known_new(HOST);
	struct elements_wishes wishes = {.as_qemu = true, .bus = 0, .slot = 0x1c};
	auto_text struct text out = TEXT_INIT;

	(void)state;
	assert_int_equal(make(known, &wishes, &out), 0);
	wishes.slot = 0x1d;
	assert_int_equal(make(known, &wishes, &out), -ERANGE);
	/* In XML libvirt finds a place for devices of one function. */
	wishes.as_qemu = false;
	assert_int_equal(make(known, &wishes, &out), 0);
	wishes.bus = 0xfe;
	assert_int_equal(make(known, &wishes, &out), 0);
	wishes.bus = 0xff;
	assert_int_equal(make(known, &wishes, &out), -ERANGE);
}

static void no_name_ends_its_comment(void **state)
{
	struct device device = {.name = (char *)"A --> B--- -\x01"};
	auto_text struct text out = TEXT_INIT;

	(void)state;
	elements_add_comment(&device, &out);
	assert_text(out.data, "<!-- 0000:00:00.0 (A - -> B- - - -\\x01) -->\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_as_on_the_host),
		cmocka_unit_test(there_are_only_so_many_places),
		cmocka_unit_test(no_name_ends_its_comment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
