// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device that an admin lends to a guest that runs, before it is attached; and its return once it
 * is detached. Whatever goes wrong with it, the guest keeps what it has.
 */
#include "tests/hook/hand-call.h"

#include <poll.h>

#include "session/stopped.h"

#define NIC_ADDR "0000:03:00.0"
#define CARD HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")
#define NIC HOSTDEV("0x03", "0x0")
#define LIVE(devices)                                                                              \
	"<domstatus state='running' reason='booted' pid='900'>\n"                                  \
	"<domain type='kvm' id='1'><name>g1</name><uuid>" UUID_1 "</uuid><devices>" devices        \
	"</devices></domain></domstatus>\n"
#define STATUS "run/libvirt/qemu/g1.xml"
#define QEMU                                                                                       \
	"process 900 comm=qemu-system-x86 "                                                        \
	"cmdline=\"/usr/bin/qemu-system-x86_64 -name guest=g1 -uuid " UUID_1 " -S\"\n"
#define TO_G1                                                                                      \
	{                                                                                          \
		.addr = NIC_ADDR, .name = "g1", .uuid = UUID_1, .runs = true                       \
	}

/* With its card. */
static struct testhost *running_guest_on(const char *lines)
{
	auto_free char *all = xasprintf(QEMU "%s", lines);
	struct testhost *host = machine_with_caller(all);

	lend(host, "g1", DOMAIN("g1", UUID_1, CARD));
	tree_file(host->root_fd, STATUS, "%s", LIVE(CARD));
	return host;
}

static struct testhost *running_guest(void)
{
	return running_guest_on("");
}

static void stop_guest(struct testhost *host, const char *before)
{
	auto_call struct call release = RELEASE("g1", "");

	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, STATUS);
	testhost_script(host, NULL);
	assert_int_equal(called(host, &release), 0);
	assert_string_equal(release.said, "");
	check_home(host, before);
}

static void check_card_stays(struct testhost *host)
{
	auto_free char *journal = tree_read(host->root_fd, FILE_OF(UUID_1));

	check_state(host, "device 0000:01:00.0 driver=vfio-pci");
	assert_contains(journal, "\nclaim 0000:01:00.0\n");
	assert_contains(journal, "\nlent");
	assert_null(strstr(journal, "\nreturning"));
}

static void comes_and_goes(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;
	auto_free char *operations = NULL;

	(void)state;
	check_lent_by_hand(host, &call);
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	check_card_stays(host);
	/* It is not attached yet, and was not detached either. */
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	tree_file(host->root_fd, STATUS, "%s", LIVE(CARD NIC));
	check_refused_by_hand(host, &call, return_by_hand_work, "the guest g1 has it still");
	tree_file(host->root_fd, STATUS, "%s", LIVE(CARD));
	testhost_script(host, NULL);
	assert_int_equal(return_by_hand(host, &call), 0);
	assert_string_equal(call.said, NIC_ADDR "\n");
	check_state(host, "device 0000:03:00.0 driver=e1000e");
	check_card_stays(host);
	operations = testhost_log(host);
	assert_null(strstr(operations, "0000:01:00"));
}

static void comes_again_and_stays_until_the_stop(void **state)
{
	auto_testhost struct testhost *plain = machine_with_caller("");
	auto_free char *before = testhost_tree(plain);
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	check_lent_by_hand(host, &call);
	assert_int_equal(return_by_hand(host, &call), 0);
	check_lent_by_hand(host, &call);
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	check_card_stays(host);
	stop_guest(host, before);
}

static void one_without_a_device_before(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller(QEMU);
	auto_free char *before = testhost_tree(host);
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	tree_file(host->root_fd, STATUS, "%s", LIVE(""));
	check_lent_by_hand(host, &call);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	assert_int_equal(return_by_hand(host, &call), 0);
	check_home(host, before);
	assert_false(has_journal(host, UUID_1));
	check_lent_by_hand(host, &call);
	stop_guest(host, before);
}

static void what_it_has_open_stays(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	check_lent_by_hand(host, &call);
	open_through_vfio(host);
	check_refused_by_hand(host, &call, return_by_hand_work, "is still in use");
}

/* The other function of its card is in the group that it has. */
static void a_mate_of_what_it_has(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller(QEMU "device 0000:04:00.0 8086:10d3 class=020000 group=16\n");
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	lend(host, "g1", DOMAIN("g1", UUID_1, NIC));
	tree_file(host->root_fd, STATUS, "%s", LIVE(NIC));
	call.addr = "0000:04:00.0";
	check_lent_by_hand(host, &call);
	check_state(host, "device 0000:04:00.0 driver=vfio-pci");
	check_refused_by_hand(host, &call, return_by_hand_work, "the guest g1 has it still");
}

static void what_it_has_is_not_lent_again(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	call.addr = "0000:01:00.1";
	check_refused_by_hand(host, &call, lend_by_hand_work, "the guest g1 has 0000:01:00.1");
	call.addr = NIC_ADDR;
	testhost_process_gone(host, 900);
	check_refused_by_hand(host, &call, lend_by_hand_work, "the guest g1 does not run");
}

static void what_another_has_is_refused(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	lend(host, "g2", NIC_XML("g2", UUID_2));
	check_refused_by_hand(host, &call, lend_by_hand_work, "belongs to guest g2.");
	check_card_stays(host);
}

/* --- a guest that stops meanwhile --- */

/* What "hostdevctl lend" asks when it has lent; fails where the guest goes on. */
static int settle_stopped_work(struct testhost *host, void *data)
{
	const struct hand_call *call = data;
	auto_guest struct guest guest = {0};
	auto_free char *left = NULL;
	bool stopped;

	log_set_sink(drop_line);
	fill_guest(call, &guest);
	stopped = stopped_settle(&host->host, &guest, &left);
	dprintf(call->fd, "%s", left ? left : "");
	return !stopped;
}

static void end_process(struct testhost *host)
{
	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, STATUS);
	testhost_script(host, NULL);
}

static void what_it_was_lent_is_returned(void **state)
{
	auto_testhost struct testhost *plain = machine_with_caller("");
	auto_free char *before = testhost_tree(plain);
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	check_lent_by_hand(host, &call);
	end_process(host);
	assert_int_equal(call_by_hand(host, &call, settle_stopped_work), 0);
	assert_string_equal(call.said, "");
	check_home(host, before);
}

static void what_cannot_be_returned_is_told(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;
	struct fault fault = BIND_FAILS;

	(void)state;
	check_lent_by_hand(host, &call);
	end_process(host);
	testhost_script(host, &fault);
	assert_int_equal(call_by_hand(host, &call, settle_stopped_work), 0);
	assert_contains(call.said, "not everything could be returned");
	assert_true(has_journal(host, UUID_1));
}

/* Its run goes on, whatever was detached from it before. */
static void a_detached_device_is_no_stop(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller(QEMU "device 0000:04:00.0 8086:10d3 class=020000 group=40\n");
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	lend(host, "g1", DOMAIN("g1", UUID_1, CARD NIC));
	tree_file(host->root_fd, STATUS, "%s", LIVE(CARD));
	call.addr = "0000:04:00.0";
	check_lent_by_hand(host, &call);
	assert_int_equal(call_by_hand(host, &call, settle_stopped_work), 1);
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	check_state(host, "device 0000:04:00.0 driver=vfio-pci");
	assert_int_equal(testhost_operations(host), 0);
}

/* Its QEMU is not to be seen yet. */
static void what_its_next_start_has_stays(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_call struct call release = RELEASE("g1", "");
	auto_hand struct hand_call call = TO_G1;

	(void)state;
	check_lent_by_hand(host, &call);
	end_process(host);
	assert_int_equal(called(host, &release), 0);
	lend(host, "g1", DOMAIN("g1", UUID_1, CARD));
	assert_int_equal(call_by_hand(host, &call, settle_stopped_work), 0);
	assert_string_equal(call.said, "");
	check_card_stays(host);
	assert_int_equal(testhost_operations(host), 0);
}

/* --- on the way --- */

static int count_operations(void)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = TO_G1;

	assert_int_equal(lend_by_hand(host, &call), 0);
	return testhost_operations(host);
}

static void a_failing_operation_is_undone(void **state)
{
	auto_testhost struct testhost *plain = machine_with_caller("");
	auto_free char *untouched = testhost_tree(plain);
	int count = count_operations();

	(void)state;
	assert_true(count > 1);
	for (int at = 0; at < count; at++) {
		auto_testhost struct testhost *host = running_guest();
		auto_free char *before = testhost_tree(host), *after = NULL;
		auto_hand struct hand_call call = TO_G1;
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};

		testhost_script(host, &fault);
		assert_int_equal(lend_by_hand(host, &call), 1);
		after = testhost_tree(host);
		assert_text(after, before);
		check_card_stays(host);
		/* And nothing of it stands in the way of the next. */
		check_lent_by_hand(host, &call);
		check_card_stays(host);
		stop_guest(host, untouched);
	}
}

static void die_and_recover(enum fault_kind kind, int at, const char *untouched)
{
	auto_testhost struct testhost *host = running_guest();
	auto_free char *before = testhost_tree(host), *after = NULL, *said = NULL;
	auto_hand struct hand_call call = TO_G1;
	struct fault fault = {.kind = kind, .at = at};

	testhost_script(host, &fault);
	assert_true(lend_by_hand(host, &call) >= 1000);
	testhost_script(host, NULL);
	said = recover_guest(host, NULL);
	assert_contains(said, "g1 ");
	for (int i = 0; i < 100; i++) {
		free(after);
		after = testhost_tree(host);
		if (strcmp(after, before) == 0)
			break;
		poll(NULL, 0, 50);
	}
	assert_text(after, before);
	check_card_stays(host);
	stop_guest(host, untouched);
}

static void who_dies_is_recovered(void **state)
{
	auto_testhost struct testhost *plain = machine_with_caller("");
	auto_free char *untouched = testhost_tree(plain);
	int count = count_operations();

	(void)state;
	for (int at = 0; at < count; at++) {
		die_and_recover(FAULT_DIE_BEFORE, at, untouched);
		die_and_recover(FAULT_DIE_AFTER, at, untouched);
	}
}

/* Nobody has recovered anything before the guest stops, or the next device is lent. */
static void who_dies_leaves_it_to_the_stop_or_the_next(void **state)
{
	auto_testhost struct testhost *plain = machine_with_caller("");
	auto_free char *untouched = testhost_tree(plain);
	int count = count_operations();

	(void)state;
	for (int at = 0; at < count; at++) {
		auto_testhost struct testhost *host = running_guest();
		auto_hand struct hand_call call = TO_G1;
		struct fault fault = {.kind = FAULT_DIE_AFTER, .at = at};

		testhost_script(host, &fault);
		assert_true(lend_by_hand(host, &call) >= 1000);
		testhost_script(host, NULL);
		if (at % 2) {
			check_lent_by_hand(host, &call);
			check_state(host, "device 0000:03:00.0 driver=vfio-pci");
			check_card_stays(host);
		}
		stop_guest(host, untouched);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_and_goes),
		cmocka_unit_test(comes_again_and_stays_until_the_stop),
		cmocka_unit_test(one_without_a_device_before),
		cmocka_unit_test(what_it_has_open_stays),
		cmocka_unit_test(a_mate_of_what_it_has),
		cmocka_unit_test(what_it_has_is_not_lent_again),
		cmocka_unit_test(what_another_has_is_refused),
		cmocka_unit_test(what_it_was_lent_is_returned),
		cmocka_unit_test(what_cannot_be_returned_is_told),
		cmocka_unit_test(a_detached_device_is_no_stop),
		cmocka_unit_test(what_its_next_start_has_stays),
		cmocka_unit_test(a_failing_operation_is_undone),
		cmocka_unit_test(who_dies_is_recovered),
		cmocka_unit_test(who_dies_leaves_it_to_the_stop_or_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
