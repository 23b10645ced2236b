// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that an admin has lent by hand: nobody who comes by may take them for left behind.
 */
#include "tests/hook/recover-call.h"

#include "state/journal-file.h"
#include "state/journals.h"

/* As "hostdevctl lend" leaves it, but for its own name. */
static void mark_by_hand(struct testhost *host, const char *uuid)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;
	auto_close int fd = -1;

	assert_ok(journal_read(&host->host, uuid, &journal, &err), &err);
	journal.by_hand = true;
	assert_ok(journal_file_create(&host->host, &journal, &fd, &err), &err);
}

static struct testhost *lent_by_hand(const char *lines)
{
	struct testhost *host = machine_with_caller(lines);

	lend(host, "g1", NIC_XML("g1", UUID_1));
	mark_by_hand(host, UUID_1);
	testhost_process_gone(host, getpid());
	return host;
}

static void recover_leaves_it(void **state)
{
	auto_testhost struct testhost *host = lent_by_hand("");

	(void)state;
	check_left_alone(host, "g1 left: ",
			 "it was lent by hand; \"hostdevctl return 0000:03:00.0\" gives it back");
}

static void recover_by_name_returns_it(void **state)
{
	auto_testhost struct testhost *host = lent_by_hand("");
	auto_free char *state_text = NULL;

	(void)state;
	check_one(host, "g1", "g1 returned: ", "it was lent by hand, and was asked for by name");
	state_text = testhost_state(host);
	assert_contains(state_text, "device 0000:03:00.0 driver=e1000e");
	assert_false(has_journal(host, UUID_1));
}

/* A program that uses it, of which no guest's UUID tells. */
static void recover_by_name_leaves_what_is_open(void **state)
{
	auto_testhost struct testhost *host = lent_by_hand("process 900 comm=qemu-system-x86\n");
	auto_free char *before = NULL, *after = NULL;

	(void)state;
	open_through_vfio(host);
	before = testhost_tree(host);
	check_one(host, "g1", "g1 left: it was lent by hand, and 0000:03:00.0 is still in use: ",
		  "process 900");
	after = testhost_tree(host);
	assert_text(after, before);
	assert_true(has_journal(host, UUID_1));
}

/* Whatever guest the engine is called for. */
static void the_next_call_of_the_hook_leaves_it(void **state)
{
	auto_testhost struct testhost *host = lent_by_hand("");
	auto_call struct call other = RELEASE("g2", GPU_XML("g2", UUID_2));
	auto_free char *before = testhost_tree(host), *after = NULL;

	(void)state;
	assert_int_equal(called(host, &other), 0);
	after = testhost_tree(host);
	assert_text(after, before);
	assert_true(has_journal(host, UUID_1));
}

static void a_start_is_told_who_has_it(void **state)
{
	auto_testhost struct testhost *host = lent_by_hand("");
	auto_call struct call prepare = PREPARE("g2", NIC_XML("g2", UUID_2));

	(void)state;
	check_refused(host, &prepare, "is lent by hand for g1.");
	assert_contains(prepare.said, "\"hostdevctl return 0000:03:00.0\" gives it back.");
}

static void what_was_not_lent_to_the_end_is_returned(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", NIC_XML("g1", UUID_1));
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = 3};
	auto_free char *before = testhost_tree(host);

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_true(prepare.status >= 1000);
	testhost_script(host, NULL);
	mark_by_hand(host, UUID_1);
	check_one(host, NULL, "g1 returned: ", "lending it by hand was not finished");
	check_home(host, before);
}

/* The same verdicts, and not even a lock is waited for. */
static void a_dry_run_changes_nothing(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	struct recovering recovering = {.dry_run = true, .fd = memory_file("", 0)};
	auto_session struct session session = SESSION_INIT;
	auto_free char *before = NULL, *after = NULL, *said = NULL, *busy = NULL;
	struct error err = ERROR_INIT;
	uint64_t started_ms;

	(void)state;
	leave_debt(host);
	lend(host, "g2", GPU_XML("g2", UUID_2));
	testhost_process_gone(host, getpid());
	testhost_script(host, NULL);
	before = testhost_tree(host);
	assert_int_equal(testhost_process(host, recover_work, &recovering), 0);
	said = read_back(recovering.fd);
	assert_text(said,
		    "g1 returned: its return was not finished\n"
		    "g2 returned: it does not run, and the libvirt that started it is gone\n");
	assert_ok(session_open(&session, &host->host, "g1", UUID_1, false, &err), &err);
	recovering.fd = memory_file("", 0);
	started_ms = host_now_ms();
	assert_int_equal(testhost_process(host, recover_work, &recovering), 0);
	assert_true(host_now_ms() - started_ms < 4000);
	busy = read_back(recovering.fd);
	assert_contains(busy, "g1 left: somebody is at work on it");
	session_done(&session);
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(testhost_operations(host), 0);
	assert_true(has_journal(host, UUID_1) && has_journal(host, UUID_2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recover_leaves_it),
		cmocka_unit_test(recover_by_name_returns_it),
		cmocka_unit_test(recover_by_name_leaves_what_is_open),
		cmocka_unit_test(the_next_call_of_the_hook_leaves_it),
		cmocka_unit_test(a_start_is_told_who_has_it),
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(what_was_not_lent_to_the_end_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
