// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One refusal for one cause: what is joined, what speaks for the rest, and in which order people
 * read it.
 */
#include "tests/unit/usage.h"

#include <string.h>

#define DISK "0000:01:00.0"
#define SOUND "0000:01:00.1"
#define NIC "0000:02:00.0"
#define MATE "0000:02:01.0"
#define HOST                                                                                       \
	"device 0000:01:00.0 144d:a808 class=010802 group=14 driver=nvme\n"                        \
	"device 0000:01:00.1 8086:1111 class=040300 group=14 driver=snd_hda_intel\n"               \
	"device 0000:02:00.0 8086:10d3 class=020000 group=15 driver=e1000e\n"                      \
	"device 0000:02:01.0 8086:10d4 class=020000 group=15 driver=e1000e\n"                      \
	"module vfio-pci registers=vfio-pci\n"

static void mount(struct usage *usage, const char *where, const char *what, const char *target)
{
	struct pci_addr addr = usage_addr(where);

	snapshot_add_use(&usage->snapshot, USE_MOUNT, &addr, xstrdup(what),
			 xasprintf("mounted on %s", target));
}

static void use(struct usage *usage, enum use_kind kind, const char *where, const char *what)
{
	struct pci_addr addr = usage_addr(where);

	snapshot_add_use(&usage->snapshot, kind, &addr, xstrdup(what), xstrdup("in use"));
}

static void check(struct usage *usage, size_t count, const char *first)
{
	auto_text struct text text = TEXT_INIT;

	plan_done(&usage->plan);
	planner_lend(&usage->guest, &usage->snapshot, &usage->policy, &usage->plan);
	assert_int_equal(usage->plan.refusal_count, count);
	refusal_format(&usage->plan.refusals[0], "g", &usage->snapshot, &text);
	*strchr(text.data, '\n') = '\0';
	assert_string_equal(text.data, first);
}

/* What stands on a disk follows from what is mounted on top of it. */
static void a_mount_speaks_for_what_it_stands_on(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " DISK " managed\n");
	use(&usage, USE_CLAIMED, DISK, "p0");
	use(&usage, USE_STACKED, DISK, "p1");
	use(&usage, USE_MOUNT, DISK, "p2");
	check(&usage, 1, DISK " [144d:a808]: p2 is in use.");
	use(&usage, USE_MOUNT, DISK, "p3");
	use(&usage, USE_MOUNT, DISK, "p4");
	check(&usage, 1, DISK " [144d:a808]: p2 is in use, and 2 more.");
	use(&usage, USE_IMAGE, DISK, "p5");
	check(&usage, 2, DISK " [144d:a808]: p2 is in use, and 2 more.");
}

static void the_gravest_use_speaks_whichever_was_found_first(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " DISK " managed\n");
	mount(&usage, DISK, "p1", "/oem");
	use(&usage, USE_SWAP, DISK, "p2");
	check(&usage, 1, DISK " [144d:a808]: p2 is in use, and 1 more.");
	mount(&usage, DISK, "p3", "/home");
	check(&usage, 1, DISK " [144d:a808]: p3 is mounted on /home, and 2 more.");
	mount(&usage, DISK, "p4", "/");
	check(&usage, 1, DISK " [144d:a808]: p4 is mounted on /, and 3 more.");
}

static void what_was_counted_is_counted_under_a_graver_use_too(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " DISK " managed\n");
	use(&usage, USE_SWAP, DISK, "p1");
	use(&usage, USE_SWAP, DISK, "p2");
	mount(&usage, DISK, "p3", "/var");
	check(&usage, 1, DISK " [144d:a808]: p3 is mounted on /var, and 2 more.");
}

static void other_devices_and_other_kinds_are_other_causes(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST,
		   "hostdev " DISK " managed\nhostdev " NIC " managed\nhostdev " MATE " managed\n");
	use(&usage, USE_UPPER, NIC, "eth0");
	use(&usage, USE_UPPER, MATE, "eth1");
	use(&usage, USE_SSH, NIC, "a login");
	check(&usage, 3, NIC " [8086:10d3]: eth0 in use.");
}

static void one_setting_of_the_host_is_one_cause(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST,
		   "hostdev " DISK " managed\nhostdev " NIC " managed\nhostdev " MATE " managed\n");
	use(&usage, USE_HUNG_TASK, DISK, "kernel.hung_task_panic");
	use(&usage, USE_HUNG_TASK, NIC, "kernel.hung_task_panic");
	check(&usage, 1, DISK " [144d:a808]: kernel.hung_task_panic in use.");
}

static void what_goes_along_comes_after_what_is_named(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " SOUND " managed\n");
	use(&usage, USE_MOUNT, DISK, "p1");
	check(&usage, 1,
	      SOUND " shares IOMMU group 14 with " DISK " [144d:a808], which would go along (same "
		    "slot) and is in use: p1 is in use.");
	use(&usage, USE_UPPER, SOUND, "eth0");
	check(&usage, 2, SOUND " [8086:1111]: eth0 in use.");
}

static void by_group_whole_the_tie_is_that(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " NIC " managed\n");
	usage.policy.group = GROUP_WHOLE;
	use(&usage, USE_DEFAULT_ROUTE, MATE, "eth1");
	check(&usage, 1,
	      NIC " shares IOMMU group 15 with " MATE " [8086:10d4], which would go along (group = "
		  "whole) and is in use: eth1 in use.");
}

/* Who asked for the one function is told of the board's parts once, and not how to give them away.
 */
static void parts_of_the_board_in_one_slot_are_one_cause(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " SOUND " managed\n");
	use(&usage, USE_IGPU, DISK, "it");
	use(&usage, USE_IGPU, DISK, "its other half");
	planner_lend(&usage.guest, &usage.snapshot, &usage.policy, &usage.plan);
	assert_int_equal(usage.plan.refusal_count, 1);
	assert_true(refusal_goes_only_together(&usage.plan.refusals[0]));
}

static void a_mate_that_the_host_needs_is_named_with_its_use(void **state)
{
	auto_usage struct usage usage;
	struct error err = ERROR_INIT;

	(void)state;
	usage_open(&usage, HOST, "hostdev " NIC " managed\n");
	usage_check_refused(&usage, "name in the guest too: " MATE, "group=whole");
	use(&usage, USE_DEFAULT_ROUTE, MATE, "eth1");
	usage_check_refused(&usage, "with this one would go " MATE " (eth1 in use)");
	assert_ok(policy_set(&usage.policy, NULL, "allow", "default-route", "test", &err), &err);
	usage_check_refused(&usage, "name in the guest too: " MATE);
}

/* Of several mates the one with the gravest use is told of, in the first line and in the second. */
static void the_mate_that_matters_is_told_of_first(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage,
		   "device 0000:02:00.0 8086:10d3 class=020000 group=15 driver=e1000e\n"
		   "device 0000:03:00.0 144d:a808 class=010802 group=15 driver=nvme\n"
		   "device 0000:04:00.0 144d:a808 class=010802 group=15 driver=nvme\n"
		   "module vfio-pci registers=vfio-pci\n",
		   "hostdev " NIC " managed\n");
	mount(&usage, "0000:03:00.0", "p1", "/srv");
	mount(&usage, "0000:04:00.0", "p2", "/boot");
	mount(&usage, "0000:04:00.0", "p3", "/");
	use(&usage, USE_STACKED, "0000:04:00.0", "p3");
	usage_check_refused(&usage, "with 0000:04:00.0 [144d:a808] (driver nvme) and 1 more.",
			    "would go 0000:04:00.0 (p3 is mounted on /, and 1 more).");
}

static void holders_of_one_kind_are_counted(void **state)
{
	auto_usage struct usage usage;
	size_t node;

	(void)state;
	usage_open(&usage, HOST, "hostdev " DISK " managed\n");
	usage.policy.all.processes = PROCESSES_REFUSE;
	node = usage_node(&usage, DISK, "drm", "dri/card1");
	usage_holder(&usage, 812, HOLDER_PROCESS, "mpv", node);
	usage_holder(&usage, 813, HOLDER_PROCESS, "vlc", node);
	check(&usage, 1,
	      DISK " [144d:a808] is used by mpv (process 812) through /dev/dri/card1, and 1 more.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_speaks_for_what_it_stands_on),
		cmocka_unit_test(the_gravest_use_speaks_whichever_was_found_first),
		cmocka_unit_test(what_was_counted_is_counted_under_a_graver_use_too),
		cmocka_unit_test(other_devices_and_other_kinds_are_other_causes),
		cmocka_unit_test(one_setting_of_the_host_is_one_cause),
		cmocka_unit_test(what_goes_along_comes_after_what_is_named),
		cmocka_unit_test(by_group_whole_the_tie_is_that),
		cmocka_unit_test(parts_of_the_board_in_one_slot_are_one_cause),
		cmocka_unit_test(a_mate_that_the_host_needs_is_named_with_its_use),
		cmocka_unit_test(the_mate_that_matters_is_told_of_first),
		cmocka_unit_test(holders_of_one_kind_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
