// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Input devices as they are sold, and which of them is a keyboard.
 */
#include "tests/host/check.h"

#include <string.h>

#include "parsers/display/keyboard.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define USB "sys/devices/pci0000:00/0000:00:14.0/usb1/"

static int fresh(void **state)
{
	*state = testhost_new("device 0000:00:14.0 8086:7ae0 class=0c0330 driver=xhci_hcd\n"
			      "driver xhci_hcd module=xhci_pci\n");
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

/* kind: an attribute below the input device; NULL: none. */
static void add(struct testhost *host, int number, const char *parent, const char *kind,
		const char *value)
{
	auto_free char *input = xasprintf("%s/input/input%d", parent, number);
	auto_free char *dir = xasprintf("%s/event%d", input, number);
	auto_free char *device = xasprintf("%s/device", dir);
	auto_free char *link = xasprintf("sys/class/input/event%d", number);
	auto_free char *path = xasprintf("%s/%s", input, kind ? kind : "");

	tree_dir(host->root_fd, dir);
	tree_link(host->root_fd, device, input);
	tree_link(host->root_fd, link, dir);
	if (kind)
		tree_file(host->root_fd, path, "%s\n", value);
}

static enum keyboard_grade grade(struct testhost *host, int number, const char *name)
{
	auto_free char *event = xasprintf("event%d", number);
	struct error err = ERROR_INIT;
	struct place place;

	assert_ok(place_read(&host->host, &place, &err, "class/input/%s", event), &err);
	return keyboard_grade(&host->host, event, &place, name);
}

static void lights_make_a_keyboard(void **state)
{
	struct testhost *host = *state;

	add(host, 1, USB "1-1/1-1:1.0/0003:046D:C31C.0001", "capabilities/led", "7");
	assert_int_equal(grade(host, 1, "Logitech USB Keyboard"), KEYBOARD_SURE);
	add(host, 2, USB "1-2/1-2:1.0/0003:1234:0001.0002", NULL, NULL);
	assert_int_equal(grade(host, 2, "Something"), KEYBOARD_LIKELY);
	add(host, 3, USB "1-3/1-3:1.0/0003:1234:0001.0003", "capabilities/led", "0");
	assert_int_equal(grade(host, 3, "Something"), KEYBOARD_LIKELY);
	add(host, 4, "sys/devices/virtual/misc/uhid/0005:05AC:0267.0004", "capabilities/led", "1f");
	assert_int_equal(grade(host, 4, "Magic Keyboard"), KEYBOARD_SURE);
}

static void what_is_built_in_needs_none(void **state)
{
	struct testhost *host = *state;

	add(host, 1, "sys/devices/platform/i8042/serio0", "capabilities/led", "7");
	assert_int_equal(grade(host, 1, "AT Translated Set 2 keyboard"), KEYBOARD_SURE);
	add(host, 2, "sys/devices/platform/GOOG0004:00", NULL, NULL);
	assert_int_equal(grade(host, 2, "cros_ec"), KEYBOARD_SURE);
	add(host, 3, "sys/devices/platform/INT33D5:00", NULL, NULL);
	assert_int_equal(grade(host, 3, "Intel HID events"), KEYBOARD_NEVER);
	add(host, 4, "sys/devices/pci0000:00/0000:00:1f.0/PNP0303:00/rc/rc0", NULL, NULL);
	assert_int_equal(grade(host, 4, "Media Center Ed. eHome"), KEYBOARD_NEVER);
}

static void a_pointer_beside_it_on_the_same_device(void **state)
{
	struct testhost *host = *state;

	add(host, 1, USB "1-1/1-1:1.1/0003:046D:C08B.0001", NULL, NULL);
	add(host, 2, USB "1-1/1-1:1.0/0003:046D:C08B.0002", "capabilities/rel", "1943");
	assert_int_equal(grade(host, 1, "Logitech G502"), KEYBOARD_UNLIKELY);
	/* A receiver, or a keyboard with a stick. */
	tree_file(host->root_fd,
		  USB "1-1/1-1:1.1/0003:046D:C08B.0001/input/input1/capabilities/led", "1f\n");
	assert_int_equal(grade(host, 1, "Logitech USB Receiver"), KEYBOARD_LIKELY);
	/* Another device, at the next plug of the same hub. */
	add(host, 3, USB "1-11/1-11:1.0/0003:046D:C31C.0003", "capabilities/led", "7");
	assert_int_equal(grade(host, 3, "Logitech USB Keyboard"), KEYBOARD_SURE);
	/* A touchpad is one by its two axes; a volume knob has others. */
	add(host, 4, USB "1-4/1-4:1.0/0003:046D:C31C.0004", "capabilities/led", "7");
	add(host, 5, USB "1-4/1-4:1.1/0003:046D:C31C.0005", "capabilities/abs", "100000000");
	assert_int_equal(grade(host, 4, "Keyboard"), KEYBOARD_SURE);
	add(host, 6, USB "1-4/1-4:1.2/0003:046D:C31C.0006", "capabilities/abs", "260800000000003");
	assert_int_equal(grade(host, 4, "Keyboard"), KEYBOARD_LIKELY);
}

static void what_is_paired_with_a_receiver_stands_for_itself(void **state)
{
	struct testhost *host = *state;

	add(host, 1, USB "1-1/1-1:1.2/0003:046D:C52B.0003/0003:046D:4003.0004", "capabilities/led",
	    "1f");
	add(host, 2, USB "1-1/1-1:1.2/0003:046D:C52B.0003/0003:046D:4008.0005", "capabilities/rel",
	    "1943");
	assert_int_equal(grade(host, 1, "Logitech K270"), KEYBOARD_SURE);
	add(host, 3, USB "1-1/1-1:1.2/0003:046D:C52B.0003/0003:046D:4024.0006", "capabilities/led",
	    "1f");
	tree_file(host->root_fd,
		  USB
		  "1-1/1-1:1.2/0003:046D:C52B.0003/0003:046D:4024.0006/input/input3/capabilities/"
		  "rel",
		  "143\n");
	assert_int_equal(grade(host, 3, "Logitech K400"), KEYBOARD_LIKELY);
}

static void tokens_and_readers_type_as_well(void **state)
{
	struct testhost *host = *state;
	const char fido[] = "\x06\xd0\xf1\x09\x01";

	add(host, 1, USB "1-1/1-1:1.0/0003:1050:0407.0001", "capabilities/led", "1f");
	assert_int_equal(grade(host, 1, "Yubico YubiKey OTP+FIDO+CCID"), KEYBOARD_NEVER);
	assert_int_equal(grade(host, 1, "Honeywell Bar Code Scanner"), KEYBOARD_NEVER);
	assert_int_equal(grade(host, 1, "PCsensor FootSwitch Keyboard"), KEYBOARD_NEVER);
	assert_int_equal(grade(host, 1, "flirc.tv flirc Keyboard"), KEYBOARD_NEVER);
	assert_int_equal(grade(host, 1, "A thing"), KEYBOARD_SURE);
	tree_file(host->root_fd, USB "1-1/1-1:1.0/0003:1050:0407.0001/input/input1/id/vendor",
		  "0c2e\n");
	assert_int_equal(grade(host, 1, "A thing"), KEYBOARD_NEVER);
	/* By what else is on the device. */
	add(host, 2, USB "1-2/1-2:1.0/0003:1234:0001.0002", "capabilities/led", "1f");
	tree_file(host->root_fd, USB "1-2/1-2:1.1/bInterfaceClass", "0b\n");
	assert_int_equal(grade(host, 2, "A thing"), KEYBOARD_NEVER);
	assert_int_equal(grade(host, 2, "A Keyboard with a slot"), KEYBOARD_LIKELY);
	add(host, 3, USB "1-3/1-3:1.0/0003:1234:0001.0003", "capabilities/led", "1f");
	tree_dir(host->root_fd, USB "1-3/1-3:1.1/0003:1234:0001.0004");
	tree_bytes(host->root_fd, USB "1-3/1-3:1.1/0003:1234:0001.0004/report_descriptor", fido,
		   sizeof(fido) - 1);
	assert_int_equal(grade(host, 3, "A thing"), KEYBOARD_NEVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lights_make_a_keyboard),
		TEST(what_is_built_in_needs_none),
		TEST(a_pointer_beside_it_on_the_same_device),
		TEST(what_is_paired_with_a_receiver_stands_for_itself),
		TEST(tokens_and_readers_type_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
