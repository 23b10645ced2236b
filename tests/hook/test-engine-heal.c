// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A return that failed once: who comes by pays the debt, and what cannot be paid is told by its
 * true reason.
 */
#include "tests/hook/recover-call.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "session/heal.h"
#include "tests/host/kernel.h"

static void another_guest_gets_it_when_it_can_go_home(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g2", NIC_XML("g2", UUID_2));

	(void)state;
	leave_debt(host);
	testhost_script(host, NULL);
	lend(host, "g2", NIC_XML("g2", UUID_2));
	assert_false(has_journal(host, UUID_1));
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
}

static void else_it_is_told_why_and_what_to_do(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", NIC_XML("g2", UUID_2));
	struct fault fault = BIND_FAILS;

	(void)state;
	leave_debt(host);
	testhost_script(host, &fault);
	assert_int_equal(called(host, &prepare), 1);
	assert_contains(prepare.said, "is not returned yet from the last run of guest g1");
	assert_contains(prepare.said, "hostdevctl recover g1");
	assert_null(strstr(prepare.said, "Stop g1"));
}

/* Whatever the guest is that the engine is called for. */
static void who_comes_by_settles_it(struct testhost *host, struct call *call)
{
	auto_free char *before = testhost_tree(host);

	leave_debt(host);
	testhost_script(host, NULL);
	assert_int_equal(called(host, call), 0);
	assert_false(has_journal(host, UUID_1));
	if (strcmp(call->operation, "release") == 0)
		check_home(host, before);
}

static void a_start_of_another_settles_it(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));

	(void)state;
	who_comes_by_settles_it(host, &prepare);
}

/* What the guest asked for is done before anything of another's is begun. */
static void the_guests_own_answer_comes_first(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));
	auto_free char *log = NULL;
	const char *own, *others;

	(void)state;
	who_comes_by_settles_it(host, &prepare);
	log = testhost_log(host);
	own = strstr(log, "drivers/vfio-pci/bind 0000:01:00.0");
	others = strstr(log, "drivers/e1000e/bind 0000:03:00.0");
	assert_non_null(own);
	assert_non_null(others);
	assert_true(own < others);
}

static void a_claim_of_another_settles_it(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call start = {.guest = "g2",
				       .operation = "start",
				       .suboperation = "begin",
				       .xml = DOMAIN("g2", UUID_2, HOSTDEV("0x01", "0x0"))};

	(void)state;
	who_comes_by_settles_it(host, &start);
}

/*
 * libvirt has taken from a pool what stayed with the last run of another, and bound it to VFIO
 * already: it is refused, and not taken from under libvirt.
 */
static void a_claim_of_the_very_device_is_refused(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call start = {.guest = "g2",
				       .operation = "start",
				       .suboperation = "begin",
				       .xml = NIC_XML("g2", UUID_2)};

	(void)state;
	leave_debt(host);
	testhost_set(host, "0000:03:00.0", "driver_override", "vfio-pci");
	testhost_rebind(host, "0000:03:00.0", "vfio-pci");
	testhost_script(host, NULL);
	assert_int_equal(called(host, &start), 1);
	assert_contains(start.said,
			"0000:03:00.0 (Intel 82574L Gigabit Network Connection) is not returned "
			"yet from the last run of guest g1; run \"hostdevctl recover g1\"");
	assert_int_equal(testhost_operations(host), 0);
	assert_false(has_journal(host, UUID_2));
}

static void a_daemon_that_comes_back_settles_it(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call reconnect = {.guest = "g2",
					   .operation = "reconnect",
					   .suboperation = "begin",
					   .xml = GPU_XML("g2", UUID_2),
					   .guarded = true};

	(void)state;
	who_comes_by_settles_it(host, &reconnect);
	assert_true(has_journal(host, UUID_2));
}

static void an_end_of_another_settles_it(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g2", GPU_XML("g2", UUID_2));

	(void)state;
	lend(host, "g2", GPU_XML("g2", UUID_2));
	leave_debt(host);
	testhost_script(host, NULL);
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
}

/* A start whose hook was killed: nothing says that it was lent, or that it is on its way back. */
static void a_start_that_was_not_finished_is_settled(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *journal = NULL, *driver = NULL;
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));
	char *lent;

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	lent = strstr(journal, "\nlent");
	assert_non_null(lent);
	*lent = '\0';
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\n", journal);
	assert_int_equal(called(host, &prepare), 0);
	assert_false(has_journal(host, UUID_1));
	driver = tree_link_name(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/driver");
	assert_string_equal(driver, "e1000e");
}

/* Its QEMU has not ended: a device that it still has would be taken from under it. */
static void a_debt_of_one_that_lives_is_left(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller(
		"process 900 comm=qemu-system-x86 "
		"cmdline=\"/usr/bin/qemu-system-x86_64 -name guest=g1 -uuid " UUID_1 " -S\"\n");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));

	(void)state;
	leave_debt(host);
	testhost_script(host, NULL);
	assert_int_equal(called(host, &prepare), 0);
	assert_true(has_journal(host, UUID_1));
}

/*
 * When the kernel answers at last. Whoever would never come to an end ends with the journal, so
 * that a test that fails leaves nothing running.
 */
static bool comes_home(struct testhost *host)
{
	auto_free char *driver = NULL;
	bool is_home;

	__atomic_store_n(&host->shared->released, true, __ATOMIC_RELEASE);
	for (int i = 0; i < 1000 && has_journal(host, UUID_1); i++)
		poll(NULL, 0, 10);
	is_home = !has_journal(host, UUID_1);
	if (!is_home)
		tree_remove(host->root_fd, FILE_OF(UUID_1));
	testhost_release(host);
	driver = tree_link_name(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/driver");
	return is_home && driver && strcmp(driver, "e1000e") == 0;
}

/* What hangs is not waited for beyond the time of its own. */
static void a_debt_that_hangs_delays_nobody(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));
	auto_call struct call release = RELEASE("g2", GPU_XML("g2", UUID_2));
	struct fault fault = {.kind = FAULT_HANG, .at = FAULT_ANY, .path = "drivers/e1000e/bind"};
	uint64_t began_ms;

	(void)state;
	leave_debt(host);
	testhost_script(host, &fault);
	began_ms = host_now_ms();
	assert_int_equal(called(host, &prepare), 0);
	assert_true(host_now_ms() - began_ms < 10000);
	assert_true(has_journal(host, UUID_1));
	/* One that the kernel still keeps is not even asked whether it is back. */
	began_ms = host_now_ms();
	assert_int_equal(called(host, &release), 0);
	assert_true(host_now_ms() - began_ms < 6000);
	assert_true(has_journal(host, UUID_1));
	assert_true(comes_home(host));
}

static int heal_for_second(struct testhost *host, void *data)
{
	(void)data;
	log_set_sink(drop_line);
	heal_others(&host->host, UUID_2);
	return 0;
}

/* Somebody's file system stands behind the command line of what might be its QEMU. */
static void what_does_not_tell_whether_it_lives_delays_nobody(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller(
		"process 900 comm=qemu-system-x86 cmdline=\"/usr/bin/qemu-system-x86_64\"\n");
	uint64_t began_ms;

	(void)state;
	leave_debt(host);
	testhost_script(host, NULL);
	tree_remove(host->root_fd, "proc/900/cmdline");
	assert_int_equal(mkfifoat(host->root_fd, "proc/900/cmdline", 0600), 0);
	began_ms = host_now_ms();
	assert_int_equal(testhost_process(host, heal_for_second, NULL), 0);
	assert_true(host_now_ms() - began_ms < 4500);
	assert_true(has_journal(host, UUID_1));
	tree_remove(host->root_fd, "proc/900/cmdline");
	testhost_release(host);
}

static int told_fd;

static void tell_rest_of_time(enum log_level level, const struct log_fields *fields,
			      const char *message)
{
	(void)level;
	(void)fields;
	if (strstr(message, "something stays"))
		dprintf(told_fd, "%s\n", message);
}

/* The time for it is over: whoever goes on with it has a time of its own. */
static void a_debt_that_takes_longer_comes_home_behind_the_answer(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));
	struct fault fails = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/unbind",
			      .code = EIO};
	struct fault slow = {.kind = FAULT_SLOW,
			     .at = FAULT_ANY,
			     .path = "drivers/vfio-pci/unbind",
			     .code = 1050};
	auto_free char *told = NULL;

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	testhost_script(host, &fails);
	assert_int_equal(called(host, &release), 1);
	testhost_script(host, &slow);
	told_fd = memory_file("", 0);
	prepare.sink = tell_rest_of_time;
	assert_int_equal(called(host, &prepare), 0);
	assert_true(comes_home(host));
	told = read_back(told_fd);
	/* Not the time of a whole call: nobody could set this one. */
	assert_contains(told, "something stays: ");
	assert_null(strstr(told, "total-time"));
}

/* --- units --- */

#define WITH_UNIT                                                                                  \
	"unit lactd.service active pids=900\n"                                                     \
	"process 900 comm=lactd cgroup=/system.slice/lactd.service holds=dri/renderD128\n"         \
	"node 0000:01:00.0 drm/renderD128 226:128 subsystem=drm name=dri/renderD128\n"

/* It was only that its unit did not start once. */
static void a_unit_is_needed_by_no_run_that_is_over(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller(WITH_UNIT);
	auto_call struct call release = RELEASE("g1", GPU_XML("g1", UUID_1));
	auto_call struct call second = RELEASE("g2", GPU_XML("g2", UUID_2));
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "lactd.service", .code = EIO};
	auto_free char *after = NULL;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	testhost_script(host, &fault);
	assert_int_equal(called(host, &release), 1);
	/* It still does not start while g2 begins, and does when g2 ends. */
	{
		auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));

		assert_int_equal(called(host, &prepare), 0);
	}
	testhost_script(host, NULL);
	assert_int_equal(called(host, &second), 0);
	after = testhost_state(host);
	assert_contains(after, "unit lactd.service active");
	assert_false(has_journal(host, UUID_1));
	assert_false(has_journal(host, UUID_2));
}

/* --- a start over the journal of a return that failed --- */

#define VF                                                                                         \
	"<interface type='hostdev' managed='yes'><source><address type='pci' domain='0x0000' "     \
	"bus='0x03' slot='0x00' function='0x0'/></source></interface>"

static void a_start_that_claims_nothing_new_begins_anew(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call again = PREPARE("g1", DOMAIN("g1", UUID_1, ""));
	auto_call struct call start = {.guest = "g1",
				       .operation = "start",
				       .suboperation = "begin",
				       .xml = DOMAIN("g1", UUID_1, VF)};
	struct fault fault = BIND_FAILS;

	(void)state;
	leave_debt(host);
	testhost_script(host, &fault);
	called(host, &again);
	assert_int_equal(called(host, &start), 0);
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "may be about to start it");
}

/* What is in flight has a device by the neck that the new journal would know nothing of. */
static void a_start_over_a_step_in_flight_is_refused(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call start = {.guest = "g1",
				       .operation = "start",
				       .suboperation = "begin",
				       .xml = DOMAIN("g1", UUID_1, VF)};
	auto_free char *journal = NULL;

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\nreturning\nin-flight 4 4242 17\n", journal);
	assert_int_equal(called(host, &start), 1);
	assert_contains(start.said, "its last run is not returned yet: ");
	assert_contains(start.said, "driver of 0000:03:00.0 (Intel 82574L Gigabit Network "
				    "Connection) is recorded as in flight");
}

/* --- names that would forge lines --- */

static void collect(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)level;
	(void)fields;
	if (strchr(message, '\n') || strstr(message, "\302\233"))
		dprintf(STDERR_FILENO, "raw: %s\n", message);
}

static void names_are_escaped_in_the_log(void **state)
{
	static const char name[] = "g\n1\302\233m";
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare =
		PREPARE(name, DOMAIN("g&#10;1\302\233m", UUID_1, HOSTDEV("0x03", "0x0")));
	auto_call struct call release =
		RELEASE(name, DOMAIN("g&#10;1\302\233m", UUID_1, HOSTDEV("0x03", "0x0")));
	struct fault fault = BIND_FAILS;

	(void)state;
	prepare.sink = release.sink = collect;
	assert_int_equal(called(host, &prepare), 0);
	assert_string_equal(prepare.said, "");
	testhost_script(host, &fault);
	assert_int_equal(called(host, &release), 1);
	assert_null(strstr(release.said, "raw: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_guest_gets_it_when_it_can_go_home),
		cmocka_unit_test(else_it_is_told_why_and_what_to_do),
		cmocka_unit_test(a_start_of_another_settles_it),
		cmocka_unit_test(the_guests_own_answer_comes_first),
		cmocka_unit_test(a_claim_of_another_settles_it),
		cmocka_unit_test(a_claim_of_the_very_device_is_refused),
		cmocka_unit_test(a_daemon_that_comes_back_settles_it),
		cmocka_unit_test(what_does_not_tell_whether_it_lives_delays_nobody),
		cmocka_unit_test(an_end_of_another_settles_it),
		cmocka_unit_test(a_start_that_was_not_finished_is_settled),
		cmocka_unit_test(a_debt_of_one_that_lives_is_left),
		cmocka_unit_test(a_debt_that_hangs_delays_nobody),
		cmocka_unit_test(a_debt_that_takes_longer_comes_home_behind_the_answer),
		cmocka_unit_test(a_unit_is_needed_by_no_run_that_is_over),
		cmocka_unit_test(a_start_that_claims_nothing_new_begins_anew),
		cmocka_unit_test(a_start_over_a_step_in_flight_is_refused),
		cmocka_unit_test(names_are_escaped_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
