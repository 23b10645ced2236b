// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is made of journals that nobody came back for: a hook dies at each operation in turn; others
 * fail, are damaged, old, or somebody's who is still at work.
 */
#include "tests/hook/recover-call.h"

#include <errno.h>
#include <poll.h>

#include "state/lock.h"
#include "state/state-locks.h"

/* --- death --- */

static int count_operations(bool of_return)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", GPU_XML("g1", UUID_1));
	auto_call struct call release = RELEASE("g1", GPU_XML("g1", UUID_1));
	int count;

	call_engine(host, &prepare);
	count = testhost_operations(host);
	testhost_script(host, NULL);
	call_engine(host, &release);
	return of_return ? testhost_operations(host) : count;
}

static unsigned int returned_by_recover;

/* A journal, or the lock of somebody who is at it. */
static bool tree_holds_work(struct testhost *host)
{
	auto_close int dir = openat(host->root_fd, "run/hostdev-hook", O_RDONLY | O_DIRECTORY);
	struct lock lock = LOCK_INIT;
	bool is_free =
		lock_take_range(&lock, dir, GUESTS_LOCK, lock_range_of(UUID_1), 0, NULL) == 0;

	lock_release(&lock);
	return has_journal(host, UUID_1) || !is_free;
}

/*
 * A worker that outlives its hook settles what is left by itself: it may be through with that
 * before anybody looks, or just about to. Whoever it was, everything is home then.
 */
static void check_recovers(struct testhost *host, const char *before)
{
	auto_free char *said = recover_guest(host, NULL);

	if (*said)
		assert_contains(said, "g1 ");
	if (strstr(said, "g1 returned: its ") && strstr(said, " was not finished\n"))
		returned_by_recover++;
	for (int i = 0; i < 400 && tree_holds_work(host); i++)
		poll(NULL, 0, 50);
	check_home(host, before);
}

static void die_in_lend(enum fault_kind kind, int at)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", GPU_XML("g1", UUID_1));
	struct fault fault = {.kind = kind, .at = at};
	auto_free char *before = testhost_tree(host);

	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_true(prepare.status >= 1000);
	testhost_script(host, NULL);
	check_recovers(host, before);
}

static void death_in_lend(void **state)
{
	int count = count_operations(false);

	(void)state;
	assert_true(count > 4);
	for (int at = 0; at < count; at++) {
		die_in_lend(FAULT_DIE_BEFORE, at);
		die_in_lend(FAULT_DIE_AFTER, at);
		die_in_lend(FAULT_ORPHAN, at);
	}
}

static void die_in_return(enum fault_kind kind, int at)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", "");
	struct fault fault = {.kind = kind, .at = at};
	auto_free char *before = testhost_tree(host);

	lend(host, "g1", GPU_XML("g1", UUID_1));
	testhost_script(host, &fault);
	call_engine(host, &release);
	assert_true(release.status >= 1000);
	testhost_script(host, NULL);
	check_recovers(host, before);
}

static void death_in_return(void **state)
{
	int count = count_operations(true);

	(void)state;
	assert_true(count > 4);
	for (int at = 0; at < count; at++) {
		die_in_return(FAULT_DIE_BEFORE, at);
		die_in_return(FAULT_DIE_AFTER, at);
	}
}

/* And recover itself may be killed. */
static void death_in_recover(void **state)
{
	int count = count_operations(true);

	(void)state;
	for (int at = 0; at < count; at++) {
		auto_testhost struct testhost *host = machine_with("");
		struct fault fault = {.kind = FAULT_DIE_AFTER, .at = at};
		struct recovering recovering = {.guest = "g1", .fd = memory_file("", 0)};
		auto_free char *before = testhost_tree(host);

		lend(host, "g1", GPU_XML("g1", UUID_1));
		testhost_script(host, &fault);
		assert_true(WIFSIGNALED(testhost_process(host, recover_work, &recovering)));
		close(recovering.fd);
		testhost_script(host, NULL);
		check_recovers(host, before);
	}
	/* After a death somebody else was quicker now and then, and not always. */
	assert_true(returned_by_recover > 0);
}

/* Everything was done, only libvirt was not told so yet. */
static void death_before_the_answer(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_free char *journal = NULL;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_true(text_starts(strrchr(journal, '\n'), "\nlent +at="));
	*strrchr(journal, '\n') = '\0';
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\n", journal);
	check_recover(host, NULL, "g1 returned: its start was not finished\n");
	check_home(host, before);
}

/* --- journals of all sorts --- */

static void nothing_to_do(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	check_recover(host, NULL, "");
	check_recover(host, "g1", "");
	assert_false(tree_exists(host->root_fd, "run/hostdev-hook"));
}

static void earlier_boot(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", "");
	auto_free char *before = testhost_tree(host);
	auto_free char *journal = NULL;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	call_engine(host, &release);
	testhost_script(host, NULL);
	strstr(journal, BOOT)[0] = 'f';
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\n", journal);
	check_one(host, NULL, "g1 removed: ", "earlier boot");
	check_home(host, before);
	assert_int_equal(testhost_operations(host), 0);
}

static void unreadable_journal(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g2", NIC_XML("g2", UUID_2));
	tree_file(host->root_fd, FILE_OF(UUID_1),
		  "hostdev-hook journal 1\nboot " BOOT "\nrubbish\n");
	testhost_process_gone(host, getpid());
	check_recover(host, NULL,
		      UUID_1
		      " unsettled: /run/hostdev-hook/" UUID_1
		      ".journal: journal line 3 is not understood; nothing was changed: put its "
		      "devices back by hand, then remove the file\n"
		      "g2 returned: it does not run, and the libvirt that started it is gone\n");
	assert_true(has_journal(host, UUID_1));
	assert_false(has_journal(host, UUID_2));
	tree_remove(host->root_fd, FILE_OF(UUID_1));
	check_home(host, before);
}

static void two_guests_one_fails(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/nouveau/bind",
			      .value = "0000:01:00.0",
			      .code = EIO};
	auto_free char *before = testhost_tree(host);
	auto_free char *said = NULL;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	lend(host, "g2", NIC_XML("g2", UUID_2));
	testhost_process_gone(host, getpid());
	testhost_script(host, &fault);
	said = recover_guest(host, NULL);
	assert_memory_equal(said, "g1 unsettled: ", 14);
	assert_contains(said, "0000:01:00.0 could not be bound to nouveau: ");
	assert_contains(said, "\ng2 returned: ");
	assert_true(has_journal(host, UUID_1));
	assert_false(has_journal(host, UUID_2));
	/* What stood in the way is gone. */
	testhost_script(host, NULL);
	check_recover(host, NULL, "g1 returned: its return was not finished\n");
	check_home(host, before);
}

/* --- locks --- */

struct holding {
	int fds[2];
	int state_fd;
};

/* A hook at work on g1: holds the lock until its pipe is closed. */
static pid_t hold_lock(struct testhost *host, struct holding *holding)
{
	struct lock lock = LOCK_INIT;
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe2(holding->fds, O_CLOEXEC), 0);
	holding->state_fd = openat(host->root_fd, "run/hostdev-hook", O_RDONLY | O_DIRECTORY);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct pollfd wait = {.fd = holding->fds[1], .events = 0};

		close(holding->fds[0]);
		if (lock_take_range(&lock, holding->state_fd, GUESTS_LOCK, lock_range_of(UUID_1),
				    1000, NULL) < 0)
			_exit(1);
		if (write(holding->fds[1], &byte, 1) == 1)
			poll(&wait, 1, -1);
		_exit(0);
	}
	close(holding->fds[1]);
	assert_int_equal(read(holding->fds[0], &byte, 1), 1);
	return pid;
}

static void hook_at_work(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_free char *holder = NULL, *said = NULL;
	struct holding holding;
	pid_t pid;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	lend(host, "g2", NIC_XML("g2", UUID_2));
	testhost_process_gone(host, getpid());
	pid = hold_lock(host, &holding);
	holder = xasprintf("process %d ", (int)pid);
	said = recover_guest(host, NULL);
	assert_memory_equal(said, "g1 left: somebody is at work on it: ", 35);
	assert_contains(said, holder);
	assert_contains(said, "\ng2 returned: ");
	close(holding.fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(holding.state_fd);
	check_one(host, NULL, "g1 returned: ", "is gone");
	check_home(host, before);
}

static void leftovers(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	tree_file(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal.new", "half");
	tree_file(host->root_fd, "run/hostdev-hook/" UUID_2 ".journal.new", "half");
	tree_file(host->root_fd, "run/hostdev-hook/" UUID_2 ".lock", "%s", "");
	tree_file(host->root_fd, "run/hostdev-hook/others.lock", "%s", "");
	/* One that was asked for by name is the only thing that is touched. */
	check_recover(host, "nobody", "");
	assert_true(tree_exists(host->root_fd, "run/hostdev-hook/" UUID_2 ".journal.new"));
	check_left_alone(host, "g1 left: ", "may be about to start it");
	assert_false(tree_exists(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal.new"));
	assert_false(tree_exists(host->root_fd, "run/hostdev-hook/" UUID_2 ".journal.new"));
	assert_false(tree_exists(host->root_fd, "run/hostdev-hook/" UUID_2 ".lock"));
	assert_true(tree_exists(host->root_fd, "run/hostdev-hook/others.lock"));
}

/* Nothing of it is believed, and nobody is told to throw away what running guests depend on. */
static void a_directory_that_others_may_write(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0777, 0), 0);
	call_engine(host, &release);
	assert_int_equal(release.status, 1);
	assert_contains(release.said, "the journals of running guests; then: chown root "
				      "/run/hostdev-hook && chmod 700 /run/hostdev-hook");
	assert_true(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	check_one(host, "g1", "g1 returned: ", "asked for by name");
}

/* Among many guests nobody waits long for one that somebody is at work on. */
static void a_lock_that_is_not_had_soon_is_left(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_session struct session session = SESSION_INIT;
	struct error err = ERROR_INIT;
	uint64_t started_ms;

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_ok(session_open(&session, &host->host, "g1", UUID_1, false, &err), &err);
	started_ms = host_now_ms();
	check_one(host, NULL, "g1 left: ", "somebody is at work on it");
	assert_uint_in_range(host_now_ms() - started_ms, 4000, 20000);
	session_done(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(death_in_lend),
		cmocka_unit_test(death_in_return),
		cmocka_unit_test(death_in_recover),
		cmocka_unit_test(death_before_the_answer),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(earlier_boot),
		cmocka_unit_test(unreadable_journal),
		cmocka_unit_test(two_guests_one_fails),
		cmocka_unit_test(hook_at_work),
		cmocka_unit_test(leftovers),
		cmocka_unit_test(a_directory_that_others_may_write),
		cmocka_unit_test(a_lock_that_is_not_had_soon_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
