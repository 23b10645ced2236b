// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A return that failed once, or whose worker was killed: who comes by pays the debt, and what
 * cannot be paid is told by its true reason.
 */
#include "tests/hook/recover-call.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "tests/host/kernel.h"

#define BIND_FAILS                                                                                 \
	{                                                                                          \
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "drivers/e1000e/bind", .code = EIO    \
	}

static int called(struct testhost *host, struct call *call)
{
	call_engine(host, call);
	return call->status;
}

/* g1's card has stayed with vfio-pci, as its driver failed. */
static void leave_debt(struct testhost *host)
{
	struct fault fault = BIND_FAILS;
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	lend(host, "g1", NIC_XML("g1", UUID_1));
	testhost_script(host, &fault);
	assert_int_equal(called(host, &release), 1);
	assert_contains(release.said, "not everything could be returned");
	assert_true(has_journal(host, UUID_1));
}

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
			     .code = 1200};

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	testhost_script(host, &fails);
	assert_int_equal(called(host, &release), 1);
	testhost_script(host, &slow);
	assert_int_equal(called(host, &prepare), 0);
	assert_true(has_journal(host, UUID_1));
	assert_true(comes_home(host));
}

/* "virsh create" of XML without <uuid>. */
static void a_new_uuid_goes_on_where_the_last_one_ended(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call again = PREPARE("g1", NIC_XML("g1", UUID_2));
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_2));
	struct fault fault = BIND_FAILS;

	(void)state;
	leave_debt(host);
	testhost_script(host, &fault);
	assert_int_equal(called(host, &again), 0);
	assert_string_equal(again.said, "");
	assert_false(has_journal(host, UUID_1));
	assert_true(has_journal(host, UUID_2));
	testhost_script(host, NULL);
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
	/* What was remembered of the first went with it. */
	assert_false(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_1 ".pins"));
	assert_true(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_2 ".pins"));
}

/* A guest that was given another name since has its own definition. */
static void pins_of_a_renamed_guest_stay(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_int_equal(called(host, &release), 0);
	tree_file(host->root_fd, "etc/libvirt/qemu/renamed.xml", "<uuid>" UUID_1 "</uuid>\n");
	lend(host, "g1", NIC_XML("g1", UUID_2));
	assert_true(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_1 ".pins"));
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

/* --- a worker that is killed --- */

static struct host_ops killing;
static int (*true_write)(struct host *, const char *, const char *, struct error *);
static int *kills_left;

static bool kills_behind; /* the write, as an oops at the end of an operation does */

static int write_and_die(struct host *host, const char *path, const char *value, struct error *err)
{
	bool dies = strstr(path, "vfio-pci/unbind") && *kills_left > 0;

	if (dies && kills_behind)
		true_write(host, path, value, err);
	if (dies) {
		--*kills_left;
		raise(SIGKILL);
	}
	return true_write(host, path, value, err);
}

static void kill_workers(struct testhost *host, int times)
{
	if (!kills_left)
		kills_left = mmap(NULL, sizeof(*kills_left), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	killing = *host->host.ops;
	true_write = killing.write_attr;
	killing.write_attr = write_and_die;
	host->host.ops = &killing;
	*kills_left = times;
}

static void wait_for_home(struct testhost *host, const char *before)
{
	for (int i = 0; i < 1000 && has_journal(host, UUID_1); i++)
		poll(NULL, 0, 10);
	check_home(host, before);
}

static void who_was_killed_is_told_and_tried_again(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kill_workers(host, 1);
	assert_int_equal(called(host, &release), 1);
	assert_contains(release.said, "killed by signal 9");
	assert_contains(release.said, "tried once more in the background");
	assert_contains(release.said, "hostdevctl recover g1");
	assert_null(strstr(release.said, "When the kernel answers"));
	wait_for_home(host, before);
}

/* What kills every worker is not fed with more of them. */
static void it_is_tried_again_only_once(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kill_workers(host, 100);
	assert_int_equal(called(host, &release), 1);
	for (int i = 0; i < 1000 && *kills_left > 98; i++)
		poll(NULL, 0, 10);
	poll(NULL, 0, 500);
	assert_int_equal(*kills_left, 98);
	*kills_left = 0;
	check_one(host, NULL, "g1 returned: ", "was not finished");
	check_home(host, before);
}

/* What it was at may read as done: nobody knows what the kernel has not come to any more. */
static void who_was_killed_behind_its_work_is_told_too(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kills_behind = true;
	kill_workers(host, 1);
	assert_int_equal(called(host, &release), 1);
	kills_behind = false;
	assert_contains(release.said, "killed by signal 9");
	wait_for_home(host, before);
}

/* --- a probe that is deferred --- */

static struct testhost *deferring_host;

static int put_off(struct host *host, const char *path, const char *value, struct error *err)
{
	if (!strstr(path, "e1000e/bind"))
		return true_write(host, path, value, err);
	if (fork() == 0) {
		auto_free char *override = NULL;

		setsid();
		poll(NULL, 0, 300);
		override = tree_read(deferring_host->root_fd,
				     "sys/bus/pci/devices/0000:03:00.0/driver_override");
		/* Until then it keeps all other drivers away. */
		if (text_equal(override, "e1000e"))
			testhost_rebind(deferring_host, "0000:03:00.0", "e1000e");
		_exit(0);
	}
	return error_errno(err, EAGAIN, "write \"%s\" to /sys/%s", value, path);
}

static void a_deferred_probe_is_waited_for(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	deferring_host = host;
	killing = *host->host.ops;
	true_write = killing.write_attr;
	killing.write_attr = put_off;
	host->host.ops = &killing;
	assert_int_equal(called(host, &release), 0);
	assert_string_equal(release.said, "");
	check_home(host, before);
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
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\nreturning\nin-flight 3 4242 17\n", journal);
	assert_int_equal(called(host, &start), 1);
	assert_contains(start.said, "its last run is not returned yet: ");
	assert_contains(start.said, "is in flight");
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
		cmocka_unit_test(an_end_of_another_settles_it),
		cmocka_unit_test(a_start_that_was_not_finished_is_settled),
		cmocka_unit_test(a_debt_of_one_that_lives_is_left),
		cmocka_unit_test(a_debt_that_hangs_delays_nobody),
		cmocka_unit_test(a_debt_that_takes_longer_comes_home_behind_the_answer),
		cmocka_unit_test(a_new_uuid_goes_on_where_the_last_one_ended),
		cmocka_unit_test(pins_of_a_renamed_guest_stay),
		cmocka_unit_test(a_unit_is_needed_by_no_run_that_is_over),
		cmocka_unit_test(who_was_killed_is_told_and_tried_again),
		cmocka_unit_test(who_was_killed_behind_its_work_is_told_too),
		cmocka_unit_test(it_is_tried_again_only_once),
		cmocka_unit_test(a_deferred_probe_is_waited_for),
		cmocka_unit_test(a_start_that_claims_nothing_new_begins_anew),
		cmocka_unit_test(a_start_over_a_step_in_flight_is_refused),
		cmocka_unit_test(names_are_escaped_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
