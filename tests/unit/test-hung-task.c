// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices are refused on a host that is to crash when a task hangs.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/hung-task.h"
#include "parsers/pci/pci.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

#define MACHINE                                                                                    \
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia\n"                      \
	"device 0000:01:00.1 10de:1aef class=040300 group=14\n"                                    \
	"device 0000:02:00.0 1b36:000d class=0c0330 group=15 driver=xhci_hcd\n"                    \
	"device 0000:03:00.0 8086:10d3 group=16 driver=e1000e\n"                                   \
	"device 0000:04:00.0 8086:10d3 group=17 driver=vfio-pci override=vfio-pci\n"
#define GUEST                                                                                      \
	"hostdev 0000:01:00.0 managed\nhostdev 0000:01:00.1 managed\n"                             \
	"hostdev 0000:02:00.0 managed\nhostdev 0000:03:00.0 managed\n"                             \
	"hostdev 0000:04:00.0 managed\n"

static void read_with(const char *panic, const char *timeout, int expected, const char *devices)
{
	auto_testhost struct testhost *host = testhost_new(MACHINE);
	cleanup(guest_done) struct guest guest = guest_make(GUEST);
	auto_snapshot struct snapshot snapshot = {0};
	auto_text struct text found = TEXT_INIT;
	struct error err = ERROR_INIT;

	if (panic)
		tree_file(host->root_fd, "proc/sys/kernel/hung_task_panic", "%s\n", panic);
	if (timeout)
		tree_file(host->root_fd, "proc/sys/kernel/hung_task_timeout_secs", "%s\n", timeout);
	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_int_equal(hung_task_read(&host->host, &snapshot, &err), expected);
	text_append(&found, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++) {
		assert_int_equal(snapshot.uses[i].kind, USE_HUNG_TASK);
		text_printf(&found, "%s ", ADDR(&snapshot.uses[i].addr));
	}
	assert_text(found.data, devices);
}

static void drivers_of_the_host_that_may_hang(void **state)
{
	(void)state;
	read_with("1", "120", 0, "0000:01:00.0 0000:03:00.0 ");
	read_with("5", "120", 0, "0000:01:00.0 0000:03:00.0 ");
}

static void nobody_where_nothing_panics(void **state)
{
	(void)state;
	read_with(NULL, NULL, 0, "");
	read_with("0", "120", 0, "");
	read_with("1", "0", 0, "");
	read_with("1", NULL, 0, "");
}

static void what_is_not_understood_is_not_nothing(void **state)
{
	(void)state;
	read_with("yes", "120", -EBADMSG, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drivers_of_the_host_that_may_hang),
		cmocka_unit_test(nobody_where_nothing_panics),
		cmocka_unit_test(what_is_not_understood_is_not_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
