// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks between processes: who is kept out, for how long, by whom; and that a range is no more than
 * a range.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/shared.h"
#include "base/cleanup.h"
#include "base/host.h"
#include "state/state-locks.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define CELLS "cells.lock"

struct room {
	struct testhost *host;
	int dir;
	pid_t other;
};

static int enter(void **state)
{
	struct room *room = xcalloc(1, sizeof(*room));

	room->host = testhost_new("boot 0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10\n");
	tree_dir(room->host->root_fd, "run/" STATE_DIR);
	room->dir = openat(room->host->root_fd, "run/" STATE_DIR, O_RDONLY | O_DIRECTORY);
	assert_true(room->dir >= 0);
	*state = room;
	return 0;
}

static int leave(void **state)
{
	struct room *room = *state;

	if (room->other) {
		kill(room->other, SIGKILL);
		waitpid(room->other, NULL, 0);
	}
	close(room->dir);
	testhost_free(&room->host);
	free(room);
	return 0;
}

/* Another process takes the range and keeps it; returns once it has it. */
static void other_takes(struct room *room, const char *name, struct lock_range range)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	room->other = fork();
	assert_true(room->other >= 0);
	if (room->other == 0) {
		struct lock lock = LOCK_INIT;

		if (lock_take_range(&lock, room->dir, name, range, 1000, NULL) < 0 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static int take(struct room *room, struct lock *lock, struct lock_range range)
{
	return lock_take_range(lock, room->dir, CELLS, range, 60, NULL);
}

static void a_range_keeps_out_of_itself_only(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT;
	const struct lock_range mine = {4000000000u, 1}, next = {4000000001u, 1},
				before = {3999999999u, 1}, all = {0};

	other_takes(room, CELLS, mine);
	assert_int_equal(take(room, &lock, mine), -ETIMEDOUT);
	assert_int_equal(lock.owner, room->other);
	assert_int_equal(take(room, &lock, next), 0);
	assert_int_equal(lock.owner, 0);
	lock_release(&lock);
	assert_int_equal(take(room, &lock, before), 0);
	lock_release(&lock);
	assert_int_equal(take(room, &lock, all), -ETIMEDOUT);
	assert_int_equal(lock.owner, room->other);
}

static void a_lock_dies_with_its_process(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT;
	const struct lock_range range = {7, 1};

	other_takes(room, CELLS, range);
	kill(room->other, SIGKILL);
	waitpid(room->other, NULL, 0);
	room->other = 0;
	assert_int_equal(take(room, &lock, range), 0);
	lock_release(&lock);
}

/* A worker that is stuck in the kernel must keep nobody out. */
static void a_child_does_not_inherit_it(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT, again = LOCK_INIT;
	pid_t child;

	assert_int_equal(take(room, &lock, (struct lock_range){7, 1}), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		pause();
		_exit(0);
	}
	lock_release(&lock);
	other_takes(room, CELLS, (struct lock_range){7, 1});
	assert_int_equal(take(room, &again, (struct lock_range){7, 1}), -ETIMEDOUT);
	assert_int_equal(again.owner, room->other);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

#define GUEST "5ad0d0d0-0000-4000-8000-000000000001"

static int wait_for(struct room *room, struct error *err)
{
	struct state_locks locks = STATE_LOCKS_INIT;

	locks.dir = room->dir;
	return state_locks_take_guest(&locks, &room->host->host, GUEST, 60, err);
}

static void a_time_out_names_the_holder(void **state)
{
	struct room *room = *state;
	auto_free char *pid = NULL, *path = NULL;
	struct error err = ERROR_INIT;

	other_takes(room, GUESTS_LOCK, lock_range_of(GUEST));
	pid = xasprintf("process %d (of unknown name) is at work on this guest", room->other);
	assert_int_equal(wait_for(room, &err), -ETIMEDOUT);
	assert_contains(err.text, pid);
	path = xasprintf("proc/%d/cmdline", room->other);
	tree_bytes(room->host->root_fd, path, "engine\0win11\0prepare\0begin\0-", 28);
	assert_int_equal(wait_for(room, &err), -ETIMEDOUT);
	assert_contains(err.text, "(engine win11 prepare begin -)");
	assert_contains(err.text, GUESTS_LOCK);
	assert_contains(err.text, "hostdevctl recover");
}

/* By a descriptor that can only be read, and without a lock of one's own. */
static void who_only_looks_finds_the_holder(void **state)
{
	struct room *room = *state;
	const struct lock_range range = {7, 1}, beside = {8, 1}, all = {0};
	auto_close int fd = -1;
	int holder = 5;

	other_takes(room, CELLS, range);
	fd = openat(room->dir, CELLS, O_RDONLY | O_CLOEXEC);
	assert_false(lock_find_owner(fd, beside, &holder));
	assert_int_equal(holder, 0);
	assert_true(lock_find_owner(fd, range, &holder));
	assert_int_equal(holder, room->other);
	assert_true(lock_find_owner(fd, all, &holder));
	assert_int_equal(holder, room->other);
}

/* The last word of a hook whose own time is over: it does not wait for half a minute. */
static void a_cell_is_not_waited_for_beyond_the_deadline(void **state)
{
	struct room *room = *state;
	struct state_locks locks = STATE_LOCKS_INIT;
	struct step steps[] = {{.kind = STEP_UNIT, .target = (char *)"radio.service"}};
	enum journal_mark marks[1] = {MARK_PLANNED};
	struct execution execution = {
		.host = &room->host->host,
		.journal = {.steps = steps, .marks = marks, .step_count = 1},
		.locks = &locks,
	};
	struct error err = ERROR_INIT;
	uint64_t started_ms = host_now_ms();

	locks.dir = room->dir;
	execution.deadline_ms = started_ms + 60;
	other_takes(room, CELLS, (struct lock_range){0});
	assert_int_equal(shared_enter(&execution, 0, false, &err), -ETIMEDOUT);
	assert_contains(err.text, "is at work on unit radio.service");
	assert_true(host_now_ms() - started_ms < 20000);
}

/* Who starts us may have blocked any signal, and a blocked one is inherited. */
static void a_blocked_alarm_delays_nobody(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT;
	sigset_t blocked, before, after;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	other_takes(room, CELLS, (struct lock_range){0});
	assert_int_equal(take(room, &lock, (struct lock_range){0}), -ETIMEDOUT);
	sigprocmask(SIG_SETMASK, &before, &after);
	assert_int_equal(sigismember(&after, SIGALRM), 1);
}

/* Removed by hand while it is held: who waits gets the file that has the name by then. */
static void a_file_made_anew_is_what_is_locked(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT, again = LOCK_INIT;
	int ready[2];
	char byte;

	other_takes(room, CELLS, (struct lock_range){0});
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	if (fork() == 0) {
		/* Its parent waits by then; the lock goes with it. */
		usleep(200000);
		unlinkat(room->dir, CELLS, 0);
		kill(room->other, SIGKILL);
		_exit(0);
	}
	assert_int_equal(
		lock_take_range(&lock, room->dir, CELLS, (struct lock_range){0}, 20000, NULL), 0);
	wait(NULL);
	if (fork() == 0) {
		byte = lock_take_range(&again, room->dir, CELLS, (struct lock_range){0}, 0, NULL) <
		       0;
		_exit(write(ready[1], &byte, 1) == 1 ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 1);
	close(ready[0]);
	close(ready[1]);
	lock_release(&lock);
}

/* Who asks about another's range keeps his own. */
static void asking_costs_nobody_a_lock(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT;
	const struct lock_range mine = {.start = 3, .length = 1},
				others = {.start = 5, .length = 1};
	char byte = 0;
	int ready[2];

	assert_int_equal(take(room, &lock, mine), 0);
	assert_false(lock_is_taken(&lock, others));
	other_takes(room, CELLS, others);
	assert_true(lock_is_taken(&lock, others));
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	if (fork() == 0) {
		struct lock again = LOCK_INIT;

		byte = lock_take_range(&again, room->dir, CELLS, mine, 0, NULL) == -ETIMEDOUT;
		_exit(write(ready[1], &byte, 1) == 1 ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	wait(NULL);
	assert_int_equal(byte, 1);
	close(ready[0]);
	close(ready[1]);
	lock_release(&lock);
}

static void a_lock_is_named_by_its_directory(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT, elsewhere = {.fd = -1, .shown = "/var/lib/x"};
	struct error err = ERROR_INIT;

	other_takes(room, CELLS, (struct lock_range){0});
	assert_int_equal(lock_take(&lock, room->dir, CELLS, 10, &err), -ETIMEDOUT);
	assert_contains(err.text, "/run/hostdev-hook/" CELLS " has been locked by process ");
	assert_int_equal(lock_take(&elsewhere, room->dir, CELLS, 10, &err), -ETIMEDOUT);
	assert_int_equal(strncmp(err.text, "/var/lib/x/" CELLS " ", 18), 0);
}

static void a_link_is_no_lock_file(void **state)
{
	struct room *room = *state;
	struct lock lock = LOCK_INIT;

	assert_int_equal(symlinkat("elsewhere", room->dir, CELLS), 0);
	assert_int_equal(lock_take(&lock, room->dir, CELLS, 0, NULL), -ELOOP);
	assert_int_not_equal(faccessat(room->dir, "elsewhere", F_OK, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_range_keeps_out_of_itself_only, enter, leave),
		cmocka_unit_test_setup_teardown(a_lock_dies_with_its_process, enter, leave),
		cmocka_unit_test_setup_teardown(a_child_does_not_inherit_it, enter, leave),
		cmocka_unit_test_setup_teardown(a_time_out_names_the_holder, enter, leave),
		cmocka_unit_test_setup_teardown(who_only_looks_finds_the_holder, enter, leave),
		cmocka_unit_test_setup_teardown(a_blocked_alarm_delays_nobody, enter, leave),
		cmocka_unit_test_setup_teardown(a_file_made_anew_is_what_is_locked, enter, leave),
		cmocka_unit_test_setup_teardown(asking_costs_nobody_a_lock, enter, leave),
		cmocka_unit_test_setup_teardown(a_lock_is_named_by_its_directory, enter, leave),
		cmocka_unit_test_setup_teardown(a_link_is_no_lock_file, enter, leave),
		cmocka_unit_test_setup_teardown(a_cell_is_not_waited_for_beyond_the_deadline, enter,
						leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
