// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is remembered of a loan: that it is written and read again, that a file of another version
 * does no harm, and what is said of what has changed.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "model/loan-change.h"
#include "model/refusal.h"
#include "parsers/pci/pci.h"
#include "state/pins.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

#define FILE_PATH "var/lib/hostdev-hook/" TEST_UUID LOAN_SUFFIX
#define TEXT                                                                                       \
	"hostdev-hook loan 1\n"                                                                    \
	"guest win11\n"                                                                            \
	"kernel 6.1.0-test\n"                                                                      \
	"group 0000:01:00.0=nvidia 0000:01:00.1=none\n"                                            \
	"group 0000:02:00.0=e1000e\n"

static char kernel[] = "6.1.0-test";

/* What would be remembered of this machine, on which a guest has these devices. */
static char *remembered(struct testhost *host, const char *devices)
{
	auto_guest struct guest guest = guest_make(devices);
	auto_snapshot struct snapshot snapshot = {0};
	cleanup(loan_done) struct loan loan = {0};
	struct pci_addr addrs[4];
	struct error err = ERROR_INIT;
	struct text text = TEXT_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	snapshot.kernel = xstrdup(kernel);
	for (size_t i = 0; i < guest.hostdev_count; i++)
		addrs[i] = guest.hostdevs[i].addr;
	loan_init(&loan, &snapshot, addrs, guest.hostdev_count);
	loan_write(&loan, "win11", &text);
	return text.data;
}

static void what_is_remembered(void **state)
{
	struct testhost *host =
		testhost_new("device 0000:01:00.0 10de:2204 group=1 driver=nvidia\n"
			     "device 0000:01:00.1 10de:1aef group=1\n"
			     "device 0000:02:00.0 8086:10d3 group=2 driver=e1000e\n");
	auto_free char *text = remembered(host, "hostdev 0000:01:00.0\nhostdev 0000:01:00.1\n"
						"hostdev 0000:02:00.0\nhostdev 0000:09:00.0");

	(void)state;
	assert_text(text, TEXT);
	testhost_free(&host);
}

static void there_and_back(void **state)
{
	static const char other[] = "hostdev-hook loan 1\ncolour blue\nkernel a\\x0ab\n"
				    "group 0000:01:00.0\nmood\n";
	cleanup(loan_done) struct loan loan = {0}, lines = {0};
	auto_text struct text text = TEXT_INIT;

	(void)state;
	assert_true(loan_parse(TEXT, strlen(TEXT), &loan));
	loan_write(&loan, "win11", &text);
	assert_text(text.data, TEXT);
	/* A later version may know more. */
	assert_true(loan_parse(other, strlen(other), &lines));
	assert_text(lines.kernel, "a\nb");
	assert_int_equal(lines.group_count, 1);
	assert_null(lines.groups[0].members[0].driver);
}

static void what_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"hostdev-hook loan 2\nkernel a\n",
		"hostdev-hook loan 1\n",
		"hostdev-hook loan 1\nkernel \\x\n",
		"hostdev-hook loan 1\nkernel a\ngroup \n",
		"hostdev-hook loan 1\nkernel a\ngroup 0000:01:00.0  0000:01:00.1\n",
		"hostdev-hook loan 1\nkernel a\ngroup 0000:01:00.0 rubbish\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct loan loan = {.group_count = 77};

		if (loan_parse(texts[i], strlen(texts[i]), &loan))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(loan.group_count, 77);
	}
}

/* --- the file --- */

static void stored_and_read(void **state)
{
	struct testhost *host = testhost_new("kernel 6.6.0-test\n");
	auto_snapshot struct snapshot snapshot = {0}, again = {0};
	cleanup(loan_done) struct loan loan = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct stat st;

	(void)state;
	pins_read_loan(&host->host, TEST_UUID, &snapshot);
	assert_text(snapshot.kernel, "6.6.0-test");
	assert_null(snapshot.loan.kernel);
	assert_true(loan_parse(TEXT, strlen(TEXT), &loan));
	assert_ok(pins_store(&host->host, TEST_UUID, "win11", NULL, &loan, &err), &err);
	assert_int_equal(fstatat(host->root_fd, FILE_PATH, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snapshot_done(&snapshot);
	pins_read_loan(&host->host, TEST_UUID, &snapshot);
	loan_write(&snapshot.loan, "win11", &text);
	assert_text(text.data, TEXT);
	/* Others may write it: then it is nobody's word. */
	assert_int_equal(fchmodat(host->root_fd, FILE_PATH, 0666, 0), 0);
	pins_read_loan(&host->host, TEST_UUID, &again);
	assert_null(again.loan.kernel);
	testhost_free(&host);
}

/* --- what has changed --- */

static struct device devices[] = {
	{.addr = {0, 1, 0, 0}, .group = 14, .bound = {"nvidia", "", ""}},
	{.addr = {0, 2, 0, 0}, .group = 14, .bound = {"e1000e", "", ""}},
};
static struct pci_addr members[] = {{0, 1, 0, 0}, {0, 2, 0, 0}, {0, 3, 0, 0},
				    {0, 4, 0, 0}, {0, 5, 0, 0}, {0, 6, 0, 0}};

static char *change(const char *groups, size_t member_count, enum refusal_kind kind)
{
	struct group group = {.number = 14, .members = members, .member_count = member_count};
	struct snapshot snapshot = {.devices = devices,
				    .device_count = 2,
				    .groups = &group,
				    .group_count = 1,
				    .kernel = kernel};
	const struct refusal refusal = {.kind = kind, .addr = members[0], .mate = members[1]};
	auto_free char *file = xasprintf("hostdev-hook loan 1\nkernel 5.10\n%s", groups);
	struct text text = TEXT_INIT;

	assert_true(loan_parse(file, strlen(file), &snapshot.loan));
	text_append(&text, "", 0);
	loan_format_change(&snapshot, &refusal, &text);
	loan_done(&snapshot.loan);
	return text.data;
}

static void assert_change(const char *groups, size_t member_count, const char *expected)
{
	static const enum refusal_kind mates[] = {REFUSAL_MATE, REFUSAL_MATE_PF,
						  REFUSAL_MATE_CHIPSET, REFUSAL_GROUP_CLAIMED};
	auto_free char *other = change(groups, member_count, REFUSAL_USE);

	assert_text(other, "");
	for (size_t i = 0; i < sizeof(mates) / sizeof(mates[0]); i++) {
		auto_free char *text = change(groups, member_count, mates[i]);

		assert_text(text, expected);
	}
}

#define SINCE " Since the last start (kernel 5.10; now 6.1.0-test) "
#define PART " Starting the earlier kernel may part them."

static void what_has_changed(void **state)
{
	(void)state;
	assert_change("group 0000:01:00.0\n", 2, SINCE "0000:02:00.0 joined its group." PART);
	assert_change("group 0000:01:00.0 0000:02:00.0 0000:07:00.0\n", 2,
		      SINCE "0000:07:00.0 left its group.");
	assert_change("group 0000:01:00.0 0000:09:00.0\n", 6,
		      SINCE "0000:02:00.0, 0000:03:00.0, 0000:04:00.0 and 2 more joined its group, "
			    "0000:09:00.0 left its group." PART);
	assert_change("group 0000:01:00.0=nvidia 0000:02:00.0=none\n", 2,
		      SINCE "0000:02:00.0 got the driver e1000e.");
}

/* What the host would lose first, then what it drives; bridges lead to these, and are counted. */
static void what_matters_is_named_first(void **state)
{
	struct testhost *host =
		testhost_new("bridge 0000:00:01.1 8086:1901 bus=01 group=1\n"
			     "bridge 0000:00:01.2 8086:1902 bus=02 group=1\n"
			     "device 0000:01:00.0 10de:2204 class=030000 group=1 driver=nvidia\n"
			     "device 0000:01:00.1 10de:1aef class=040300 group=1 driver=sound\n"
			     "device 0000:02:00.0 8086:10d3 class=020000 group=1\n"
			     "device 0000:02:00.1 8086:10d3 class=020000 group=1 driver=igb\n"
			     "device 0000:02:00.2 144d:a808 class=010802 group=1 driver=nvme\n");
	auto_guest struct guest guest = guest_make("hostdev 0000:01:00.0\n");
	struct refusal refusal = {.kind = REFUSAL_MATE, .addr = guest.hostdevs[0].addr};
	static const char file[] = "hostdev-hook loan 1\nkernel 5.10\ngroup 0000:01:00.0\n";
	auto_snapshot struct snapshot snapshot = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct pci_addr disk;

	(void)state;
	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_true(loan_parse(file, strlen(file), &snapshot.loan));
	snapshot.kernel = xstrdup(kernel);
	assert_true(pci_addr_parse("0000:02:00.2", &disk));
	snapshot_add_use(&snapshot, USE_MOUNT, &disk, xstrdup("p1"), xstrdup("mounted on /"));
	loan_format_change(&snapshot, &refusal, &text);
	assert_text(text.data, SINCE "0000:02:00.2, 0000:02:00.1, 0000:01:00.1, 1 more and 2 "
				     "bridges joined its group." PART);
	testhost_free(&host);
}

static void only_bridges_are_named(void **state)
{
	struct testhost *host =
		testhost_new("bridge 0000:00:01.1 8086:1901 bus=01 group=1\n"
			     "device 0000:01:00.0 10de:2204 class=030000 group=1 driver=nvidia\n");
	auto_guest struct guest guest = guest_make("hostdev 0000:01:00.0\n");
	struct loan_group *then;
	static const char file[] = "hostdev-hook loan 1\nkernel 6.1.0-test\n"
				   "group 0000:01:00.0\n";
	auto_snapshot struct snapshot snapshot = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct pci_addr used;

	(void)state;
	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_true(loan_parse(file, strlen(file), &snapshot.loan));
	snapshot.kernel = xstrdup(kernel);
	then = &snapshot.loan.groups[0];
	assert_int_equal(loan_tell_group(&snapshot, then, &used, &text), LOAN_JOINED);
	/* Another kernel has not done that. */
	assert_text(text.data, "Since the last start (the same kernel 6.1.0-test) 0000:00:01.1 "
			       "joined its group.");
	testhost_free(&host);
}

static void nothing_has_changed(void **state)
{
	(void)state;
	assert_change("group 0000:01:00.0=vfio-pci 0000:02:00.0=igb\n", 2, "");
	assert_change("group 0000:01:00.0 0000:02:00.0\n", 2, "");
	assert_change("group 0000:02:00.0\n", 2, "");
	assert_change("", 2, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_remembered),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(stored_and_read),
		cmocka_unit_test(what_has_changed),
		cmocka_unit_test(nothing_has_changed),
		cmocka_unit_test(what_matters_is_named_first),
		cmocka_unit_test(only_bridges_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
