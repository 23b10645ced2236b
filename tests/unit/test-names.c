// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of devices: from the system's list where it has one, and no harm where the list is missing
 * or damaged (both made by mounting over it, which only works where user namespaces do).
 */
#include "tests/host/check.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/names.h"
#include "tests/unit/library-helpers.h"

static void snapshot_init(struct snapshot *snapshot)
{
	const struct device devices[] = {
		{.vendor = 0x8086, .product = 0x10d3},
		{.vendor = 0x8086, .product = 0xfff7},
		{.vendor = 0xfff3, .product = 0x0001},
		{.vendor = 0x1002, .product = 0x73bf},
		{.vendor = 0x8086, .product = 0x10d3, .name = xstrdup("mine")},
	};

	snapshot->device_count = sizeof(devices) / sizeof(devices[0]);
	snapshot->devices = xcalloc(snapshot->device_count, sizeof(*snapshot->devices));
	memcpy(snapshot->devices, devices, sizeof(devices));
}

static void names(void **state)
{
	auto_snapshot struct snapshot snapshot = {0};

	(void)state;
	snapshot_init(&snapshot);
	names_fill(&snapshot);
	assert_string_equal(snapshot.devices[4].name, "mine");
	assert_null(snapshot.devices[2].name);
	assert_needs(snapshot.devices[0].name, "a list pci.ids (tests/deps)");
	assert_string_equal(snapshot.devices[0].name, "Intel 82574L Gigabit Network Connection");
	assert_string_equal(snapshot.devices[1].name, "Intel [8086:fff7]");
	assert_true(text_starts(snapshot.devices[3].name, "AMD/ATI Navi 21 "));
	names_fill(&snapshot);
}

static void names_are_read_ahead(void **state)
{
	struct names_ahead *used = names_read_ahead(), *unused = names_read_ahead();
	auto_snapshot struct snapshot snapshot = {0};

	(void)state;
	snapshot_init(&snapshot);
	names_fill_ahead(used, &snapshot);
	assert_needs(snapshot.devices[0].name, "a list pci.ids (tests/deps)");
	assert_string_equal(snapshot.devices[0].name, "Intel 82574L Gigabit Network Connection");
	names_ahead_done(&used);
	names_ahead_done(&unused);
	names_fill_ahead(NULL, &snapshot);
	assert_string_equal(snapshot.devices[1].name, "Intel [8086:fff7]");
}

/* What was lent before has the names that its numbers have today. */
static void pins(void **state)
{
	const struct pin pins[] = {
		{.vendor = 0x8086,
		 .product = 0x10d3,
		 .subvendor = 0x8086,
		 .subproduct = 0x0001,
		 .class_code = 0x020000},
		{.vendor = 0xfff3, .product = 0x0001, .subvendor = 0x1458, .subproduct = 0xfff7},
	};
	auto_snapshot struct snapshot snapshot = {0};

	(void)state;
	pins_add(&snapshot.pins, &pins[0]);
	pins_add(&snapshot.pins, &pins[1]);
	names_fill(&snapshot);
	assert_string_equal(snapshot.pins.items[1].name, "");
	assert_needs(*snapshot.pins.items[0].name, "a list pci.ids (tests/deps)");
	assert_string_equal(snapshot.pins.items[0].name, "Intel 82574L Gigabit Network Connection");
	assert_string_equal(snapshot.pins.items[0].board, "Intel Gigabit CT2 Desktop Adapter");
	assert_string_equal(snapshot.pins.items[0].kind, "Ethernet controller");
	assert_string_equal(snapshot.pins.items[1].board, "Gigabyte Technology [1458:fff7]");
}

/* Then numbers have to do, as where the list has no name. */
static void no_library(void **state)
{
	const struct pin pin = {.vendor = 0x8086, .product = 0x10d3};
	auto_snapshot struct snapshot snapshot = {0};

	(void)state;
	snapshot_init(&snapshot);
	pins_add(&snapshot.pins, &pin);
	libraries_are_missing = true;
	names_fill(&snapshot);
	libraries_are_missing = false;
	assert_null(snapshot.devices[0].name);
	assert_string_equal(snapshot.devices[4].name, "mine");
	assert_string_equal(snapshot.pins.items[0].name, "");
}

static void empty(void **state)
{
	struct snapshot snapshot = {0};

	(void)state;
	names_fill(&snapshot);
	assert_int_equal(snapshot.device_count, 0);
}

static bool file_write(const char *path, const char *text)
{
	auto_fclose FILE *file = fopen(path, "w");

	return file && fputs(text, file) >= 0 && fflush(file) == 0;
}

/* Only users and groups that are mapped into it can make files there. */
static bool user_namespace_enter(void)
{
	auto_free char *users = xasprintf("0 %u 1", geteuid());
	auto_free char *groups = xasprintf("0 %u 1", getegid());

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       file_write("/proc/self/setgroups", "deny") &&
	       file_write("/proc/self/uid_map", users) && file_write("/proc/self/gid_map", groups);
}

/* In a chroot there are no user namespaces, and root needs none. */
static bool namespace_enter(void)
{
	if (geteuid() != 0)
		return user_namespace_enter();
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* Puts a pci.ids with this text (none: an empty directory) where libpci looks for one. */
static bool replace_list(const char *text)
{
	const char *const dirs[] = {"/usr/share/misc", "/usr/share/hwdata"};

	if (!namespace_enter())
		return false;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		auto_free char *path = xasprintf("%s/pci.ids", dirs[i]);

		if (access(dirs[i], F_OK) < 0)
			continue;
		if (mount("none", dirs[i], "tmpfs", 0, NULL) < 0)
			return false;
		if (text && !file_write(path, text))
			return false;
	}
	return true;
}

#define CANNOT 77

/* The list at once, and the list that a thread has read: the same names. */
static bool fill_and_check(bool ahead, bool (*check)(const struct snapshot *snapshot))
{
	const struct pin pin = {.vendor = 0x8086, .product = 0x10d3, .subvendor = 0x8086};
	struct names_ahead *list = ahead ? names_read_ahead() : NULL;
	struct snapshot snapshot = {0};

	snapshot_init(&snapshot);
	pins_add(&snapshot.pins, &pin);
	if (ahead)
		names_fill_ahead(list, &snapshot);
	else
		names_fill(&snapshot);
	names_ahead_done(&list);
	return check(&snapshot);
}

/* In a child: what it looks at is gone with it. */
static void with_list(const char *text, bool (*check)(const struct snapshot *snapshot))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (!replace_list(text))
			_exit(CANNOT);
		_exit(fill_and_check(false, check) && fill_and_check(true, check) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_needs(WEXITSTATUS(status) != CANNOT, "a mount namespace of its own");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool check_none(const struct snapshot *snapshot)
{
	return !snapshot->devices[0].name && !snapshot->devices[1].name &&
	       !*snapshot->pins.items[0].name && !*snapshot->pins.items[0].board;
}

static void no_list(void **state)
{
	(void)state;
	with_list(NULL, check_none);
}

/* The second line is not one: libpci gives up on the file, and must not take us along. */
static void broken_list(void **state)
{
	(void)state;
	with_list("8086  Intel Corporation\nrubbish\n", check_none);
}

static bool check_clean(const struct snapshot *snapshot)
{
	const char *name = snapshot->devices[0].name;

	return text_equal(name, "Intel  red   x") && strlen(snapshot->devices[3].name) <= 120 &&
	       strcmp(snapshot->devices[3].name + strlen(snapshot->devices[3].name) - 3, "...") ==
		       0;
}

static void odd_list(void **state)
{
	(void)state;
	with_list("8086  Intel\n\t10d3  \x1bred\xc2\x9b\x7fx\n1002  Long\n\t73bf  "
		  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		  "\n",
		  check_clean);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),    cmocka_unit_test(empty),
		cmocka_unit_test(pins),     cmocka_unit_test(no_library),
		cmocka_unit_test(no_list),  cmocka_unit_test(broken_list),
		cmocka_unit_test(odd_list), cmocka_unit_test(names_are_read_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
