// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pins: what counts as the same device, that what was written is read again, and that neither a
 * damaged file nor one that others may write passes for none.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/pins.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

#define DIR_PATH "var/lib/" PINS_DIR
#define FILE_PATH DIR_PATH "/" TEST_UUID PINS_SUFFIX
#define LOAN_PATH DIR_PATH "/" TEST_UUID LOAN_SUFFIX

static const struct pin disk = {.addr = {.bus = 3},
				.vendor = 0x144d,
				.product = 0xa80a,
				.subvendor = 0x144d,
				.subproduct = 0xa801,
				.class_code = 0x010802,
				.serial = "nvme:S4 67\\N"};
static const struct pin card = {.addr = {.domain = 0x10000, .bus = 1, .function = 7},
				.vendor = 0x10de,
				.product = 0x2204,
				.class_code = 0x030000};

static struct pin both[2];
static const struct pins only_disk = {&both[0], 1}, only_card = {&both[1], 1};

#define TEXT                                                                                       \
	"hostdev-hook pins 1\n"                                                                    \
	"guest win\\x0a11\n"                                                                       \
	"pin 0000:03:00.0 144d:a80a:144d:a801 class=010802 serial=nvme:S4 67\\x5cN\n"              \
	"pin 10000:01:00.7 10de:2204:0000:0000 class=030000\n"

/* --- the text --- */

static void assert_pin(const struct pin *found, const struct pin *expected)
{
	assert_true(pci_addr_equal(&found->addr, &expected->addr));
	assert_int_equal(found->vendor, expected->vendor);
	assert_int_equal(found->product, expected->product);
	assert_int_equal(found->subvendor, expected->subvendor);
	assert_int_equal(found->subproduct, expected->subproduct);
	assert_int_equal(found->class_code, expected->class_code);
	assert_string_equal(found->serial, expected->serial);
}

static void there_and_back(void **state)
{
	const struct pins pins = {both, 2};
	auto_text struct text text = TEXT_INIT;
	cleanup(pins_done) struct pins again = {0};
	struct error err = ERROR_INIT;

	(void)state;
	pins_write("win\n11", &pins, &text);
	assert_text(text.data, TEXT);
	assert_ok(pins_parse(text.data, text.length, &again, &err), &err);
	assert_int_equal(again.count, 2);
	assert_pin(&again.items[0], &disk);
	assert_pin(&again.items[1], &card);
}

static void assert_damaged(const char *text, size_t length, unsigned int line)
{
	auto_free char *message = xasprintf("line %u is not understood", line);
	struct pins pins = {both, 77};
	struct error err = ERROR_INIT;

	assert_int_equal(pins_parse(text, length, &pins, &err), -EBADMSG);
	assert_text(err.text, message);
	assert_int_equal(pins.count, 77);
	assert_ptr_equal(pins.items, both);
}

#define HEAD "hostdev-hook pins 1\nguest x\n"

/* The package was downgraded since. */
static void what_a_later_version_adds_is_passed_over(void **state)
{
	static const char text[] = HEAD
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +slot=4 +board-rev=\\x20b\n"
		"pin 0000:03:00.0 144d:a80a:144d:a801 class=010802 +slot=5 serial=nvme:S4 +x=1\n";
	cleanup(pins_done) struct pins pins = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(pins_parse(text, strlen(text), &pins, &err), &err);
	assert_int_equal(pins.count, 2);
	assert_int_equal(pins.items[0].product, 0x2204);
	assert_string_equal(pins.items[0].serial, "");
	assert_string_equal(pins.items[1].serial, "nvme:S4 +x=1");
}

static void damaged(void **state)
{
	static const char *const lines[] = {
		"",
		"pin",
		"pin ",
		"pin 0000:01:00.0",
		"pin 0000:01:00.0 10de:2204:0000:0000",
		"pin 0000:01:00.0 10de:2204:0000 class=030000",
		"pin 0000:01:00.0 10de:2204:0000:000 class=030000",
		"pin 0000:01:00.0 10DE:2204:0000:0000 class=030000",
		"pin 0000:01:00.0  10de:2204:0000:0000 class=030000",
		"pin 0000:01:00.0 0x1:2204:0000:0000 class=030000",
		"pin 01:00.0 10de:2204:0000:0000 class=030000",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=30000",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=0300001",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 ",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 serial=",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 serial=\\xzz",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 serial=\\x41",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 seral=1",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +weather",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +weather=",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +=1",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 weather=fine",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000  +weather=fine",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +weather=fine ",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +weather=fine serial=",
		"pin 0000:01:00.0 10de:2204:0000:0000 class=030000 +weather=fine sarial=1",
		"pon 0000:01:00.0 10de:2204:0000:0000 class=030000",
	};
	auto_free char *text = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		auto_free char *line = xasprintf(HEAD "%s\n", lines[i]);

		assert_damaged(line, strlen(line), 3);
	}
	/* A serial too long to be one. */
	text = xasprintf(HEAD "pin 0000:01:00.0 10de:2204:0000:0000 class=030000 serial=%064d\n",
			 1);
	assert_damaged(text, strlen(text), 3);
	assert_damaged("hostdev-hook pins 2\nguest x\n", 28, 1);
	assert_damaged("hostdev-hook pins 1\ngast x\n", 27, 2);
	/* Cut off, and with a NUL in it. */
	assert_damaged(TEXT, strlen(TEXT) - 1, 4);
	assert_damaged("hostdev-hook pins 1\nguest \0\n", 28, 2);
}

static void twice(void **state)
{
	static const char text[] = HEAD "pin 0000:01:00.0 10de:2204:0000:0000 class=030000\n"
					"pin 0000:01:00.0 10de:2205:0000:0000 class=030000\n";

	(void)state;
	assert_damaged(text, strlen(text), 4);
}

static void too_short(void **state)
{
	struct error err = ERROR_INIT;
	struct pins pins;

	(void)state;
	assert_int_equal(pins_parse(NULL, 0, &pins, &err), -EBADMSG);
	assert_int_equal(pins_parse("hostdev-hook pins 1\n", 20, &pins, &err), -EBADMSG);
	assert_text(err.text, "it ends before line 2");
}

static void formats(void **state)
{
	auto_text struct text text = TEXT_INIT;

	(void)state;
	pin_format(&disk, &text);
	assert_text(text.data, "144d:a80a:144d:a801 class 010802 serial S4 67\\x5cN");
	text.length = 0;
	pin_format(&card, &text);
	assert_text(text.data, "10de:2204:0000:0000 class 030000");
}

/* --- is it the same? --- */

static struct device device_of(const struct pin *pin)
{
	struct device device = {.addr = pin->addr,
				.vendor = pin->vendor,
				.product = pin->product,
				.subvendor = pin->subvendor,
				.subproduct = pin->subproduct,
				.class_code = pin->class_code};

	strcpy(device.serial, pin->serial);
	return device;
}

static void matches(void **state)
{
	struct device device = device_of(&disk);
	struct pin pin;

	(void)state;
	pin_of_device(&device, &pin);
	assert_pin(&pin, &disk);
	assert_true(pin_matches(&disk, &device));
#define DIFFERS(field)                                                                             \
	device.field ^= 1;                                                                         \
	assert_false(pin_matches(&disk, &device));                                                 \
	device.field ^= 1
	DIFFERS(vendor);
	DIFFERS(product);
	DIFFERS(subvendor);
	DIFFERS(subproduct);
	DIFFERS(class_code);
	assert_true(pin_matches(&disk, &device));
}

static void serials(void **state)
{
	struct device device = device_of(&disk);

	(void)state;
	strcpy(device.serial, "nvme:S467NX0N");
	assert_false(pin_matches(&disk, &device));
	strcpy(device.serial, "");
	assert_true(pin_matches(&disk, &device));
	/* The function's number says nothing about the disk's. */
	strcpy(device.serial, "dsn:00-1b-21-ff-ff-aa-bb-cc");
	assert_true(pin_matches(&disk, &device));
	strcpy(device.serial, "same:1");
	assert_true(pin_matches(&disk, &device));
	device = device_of(&card);
	strcpy(device.serial, "dsn:1");
	assert_true(pin_matches(&card, &device));
	strcpy(device.serial, "12345");
	assert_true(pin_matches(&card, &device));
}

/* --- the file --- */

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_dir(host->root_fd, "var/lib");
	/* The machine was opened before it had one. */
	host_close(&host->host);
	host_open(&host->host, host->root, NULL, NULL, NULL);
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static int read_again(struct testhost *host, struct snapshot *snapshot, struct error *err)
{
	snapshot_done(snapshot);
	return pins_read(&host->host, TEST_UUID, snapshot, err);
}

static void stored_and_read(void **state)
{
	const struct pins pins = {both, 2};
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;
	struct stat st;

	assert_ok(pins_store(&host->host, TEST_UUID, "win11", &pins, NULL, &err), &err);
	assert_int_equal(fstatat(host->root_fd, DIR_PATH, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fstatat(host->root_fd, FILE_PATH, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(read_again(host, &snapshot, &err), &err);
	assert_int_equal(snapshot.pins.count, 2);
	assert_pin(&snapshot.pins.items[0], &disk);
	/* In place of the old ones, a second guest's beside them. */
	assert_ok(pins_store(&host->host, TEST_UUID, "win11", &only_card, NULL, &err), &err);
	assert_ok(pins_store(&host->host, OTHER_UUID, "other", &pins, NULL, &err), &err);
	assert_ok(read_again(host, &snapshot, &err), &err);
	assert_int_equal(snapshot.pins.count, 1);
	assert_pin(&snapshot.pins.items[0], &card);
	assert_false(tree_exists(host->root_fd, FILE_PATH ".new"));
}

static void none_yet(void **state)
{
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	struct host nowhere = host->host;
	struct error err = ERROR_INIT;

	assert_ok(pins_read(&host->host, TEST_UUID, &snapshot, &err), &err);
	tree_dir(host->root_fd, DIR_PATH);
	assert_ok(pins_read(&host->host, TEST_UUID, &snapshot, &err), &err);
	nowhere.fd[HOST_VAR] = -1;
	assert_ok(pins_read(&nowhere, TEST_UUID, &snapshot, &err), &err);
	assert_int_equal(snapshot.pins.count, 0);
	assert_int_equal(pins_store(&nowhere, TEST_UUID, "x", &only_disk, NULL, &err), -ENOENT);
	assert_text(err.text, "this host has no /var/lib");
}

static void damaged_file(void **state)
{
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	tree_file(host->root_fd, FILE_PATH, "%s", "hostdev-hook pins 1\nguest x\nrubbish\n");
	assert_int_equal(pins_read(&host->host, TEST_UUID, &snapshot, &err), -EBADMSG);
	assert_contains(err.text, "/" FILE_PATH " is damaged (line 3 is not understood)");
	assert_contains(err.text, "hostdevctl repin");
	assert_int_equal(snapshot.pins.count, 0);
	/* Nobody needs to mend it by hand first. */
	assert_ok(pins_store(&host->host, TEST_UUID, "x", &only_disk, NULL, &err), &err);
	assert_ok(read_again(host, &snapshot, &err), &err);
	tree_file(host->root_fd, FILE_PATH, "%s", "");
	assert_int_equal(read_again(host, &snapshot, &err), -EBADMSG);
}

static void writable_by_others(void **state)
{
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	assert_ok(pins_store(&host->host, TEST_UUID, "x", &only_disk, NULL, &err), &err);
	assert_int_equal(fchmodat(host->root_fd, FILE_PATH, 0602, 0), 0);
	assert_int_equal(read_again(host, &snapshot, &err), -EPERM);
	assert_contains(err.text, "/" FILE_PATH ": others than its owner may write it");
	assert_int_equal(fchmodat(host->root_fd, FILE_PATH, 0600, 0), 0);
	assert_int_equal(fchmodat(host->root_fd, DIR_PATH, 0720, 0), 0);
	assert_int_equal(read_again(host, &snapshot, &err), -EPERM);
	assert_contains(err.text, "/" DIR_PATH ": others than its owner may write it");
	assert_int_equal(pins_store(&host->host, TEST_UUID, "x", &only_disk, NULL, &err), -EPERM);
	assert_int_equal(fchmodat(host->root_fd, DIR_PATH, 0700, 0), 0);
	assert_needs(fchownat(host->root_fd, DIR_PATH, 12345, 0, 0) == 0,
		     "root, to give files away");
	assert_int_equal(read_again(host, &snapshot, &err), -EPERM);
}

static void a_link_is_no_directory(void **state)
{
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	tree_dir(host->root_fd, "elsewhere");
	tree_raw_link(host->root_fd, DIR_PATH, "../../elsewhere");
	assert_true(pins_read(&host->host, TEST_UUID, &snapshot, &err) < 0);
	assert_true(pins_store(&host->host, TEST_UUID, "x", &only_disk, NULL, &err) < 0);
	assert_contains(err.text, "open /" DIR_PATH);
}

/* What cannot be written leaves the old pins, and nothing beside them. */
static void old_ones_stay(void **state)
{
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	assert_ok(pins_store(&host->host, TEST_UUID, "x", &only_disk, NULL, &err), &err);
	tree_dir(host->root_fd, FILE_PATH ".new/in the way");
	assert_true(pins_store(&host->host, TEST_UUID, "x", &only_card, NULL, &err) < 0);
	assert_ok(read_again(host, &snapshot, &err), &err);
	assert_pin(&snapshot.pins.items[0], &disk);
	tree_remove(host->root_fd, FILE_PATH ".new");
	/* A rest of a writer that was killed is no obstacle. */
	tree_file(host->root_fd, FILE_PATH ".new", "%s", "half");
	assert_ok(pins_store(&host->host, TEST_UUID, "x", &only_card, NULL, &err), &err);
	assert_false(tree_exists(host->root_fd, FILE_PATH ".new"));
}

/* Pins and loan by one child: where one cannot be written, the other is. */
static void neither_waits_for_the_other(void **state)
{
	static const char kernel[] = "hostdev-hook loan 1\nguest x\nkernel 6.6.0-test\n";
	auto_snapshot struct snapshot snapshot = {0};
	struct testhost *host = *state;
	cleanup(loan_done) struct loan loan = {0};
	struct error err = ERROR_INIT;

	assert_true(loan_parse(kernel, strlen(kernel), &loan));
	tree_dir(host->root_fd, FILE_PATH ".new/in the way");
	assert_true(pins_store(&host->host, TEST_UUID, "x", &only_disk, &loan, &err) < 0);
	assert_contains(err.text, PINS_SUFFIX ".new");
	assert_false(tree_exists(host->root_fd, FILE_PATH));
	assert_true(tree_exists(host->root_fd, LOAN_PATH));
	tree_remove(host->root_fd, FILE_PATH ".new");
	tree_remove(host->root_fd, LOAN_PATH);
	tree_dir(host->root_fd, LOAN_PATH ".new/in the way");
	assert_true(pins_store(&host->host, TEST_UUID, "x", &only_disk, &loan, &err) < 0);
	assert_ok(read_again(host, &snapshot, &err), &err);
	assert_pin(&snapshot.pins.items[0], &disk);
	assert_false(tree_exists(host->root_fd, LOAN_PATH));
	/* Both at once, and what is not given stays. */
	tree_remove(host->root_fd, LOAN_PATH ".new");
	assert_ok(pins_store(&host->host, TEST_UUID, "x", &only_card, &loan, &err), &err);
	assert_ok(pins_store(&host->host, TEST_UUID, "x", NULL, &loan, &err), &err);
	assert_ok(read_again(host, &snapshot, &err), &err);
	assert_pin(&snapshot.pins.items[0], &card);
	assert_true(tree_exists(host->root_fd, LOAN_PATH));
}

#define ON_DISK(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_a_later_version_adds_is_passed_over),
		cmocka_unit_test(damaged),
		cmocka_unit_test(twice),
		cmocka_unit_test(too_short),
		cmocka_unit_test(formats),
		cmocka_unit_test(matches),
		cmocka_unit_test(serials),
		ON_DISK(stored_and_read),
		ON_DISK(none_yet),
		ON_DISK(damaged_file),
		ON_DISK(writable_by_others),
		ON_DISK(a_link_is_no_directory),
		ON_DISK(old_ones_stay),
		ON_DISK(neither_waits_for_the_other),
	};

	both[0] = disk;
	both[1] = card;
	return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
