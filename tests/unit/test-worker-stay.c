// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workers that stay for the next call: what they are given, when they go, and who takes their
 * place.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "base/worker.h"

/*
 * In place of the C library's: a kernel out of memory, which takes no word of one byte. Only this
 * process says such ones to its workers, and they hear "read" by it.
 */
static bool words_are_lost;

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	if (words_are_lost && n == 1) {
		errno = ENOBUFS;
		return -1;
	}
	return sendto(fd, buf, n, flags, NULL, 0);
}

/* What is ordered, and what comes back. */
struct order {
	unsigned int number;
	unsigned int sleep_ms;
	int told; /* where "heard" and "late" are said, or -1 */
	char said[WORKER_OUTPUT_SIZE];
};

static void nap(unsigned int ms)
{
	struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&time, NULL);
}

static int tell_pid(void *data, struct error *err)
{
	struct order *order = data;

	(void)err;
	nap(order->sleep_ms);
	snprintf(order->said, sizeof(order->said), "%u by %d", order->number, (int)getpid());
	return 0;
}

/* Odd numbers are refused, and said; even ones go well, and nothing is said. */
static int refuse_odd(void *data, struct error *err)
{
	struct order *order = data;

	if (order->number % 2 == 0)
		return 0;
	snprintf(order->said, sizeof(order->said), "%d", (int)getpid());
	return error_set(err, ENODEV, "no device %u", order->number);
}

static void tell(int fd, char byte)
{
	if (fd >= 0 && write(fd, &byte, 1) != 1)
		_exit(3);
}

static void tell_heard(void *data)
{
	tell(((const struct order *)data)->told, 'h');
}

static void tell_late(void *data)
{
	tell(((const struct order *)data)->told, 'l');
}

static struct worker worker_for(struct order *order)
{
	return (struct worker){.work = tell_pid,
			       .on_orphaned = tell_late,
			       .on_read = tell_heard,
			       .data = order,
			       .reusable_size = sizeof(*order),
			       .output = order->said,
			       .timeout_ms = 5000};
}

static struct order order(unsigned int number)
{
	return (struct order){.number = number, .told = -1};
}

/* Runs one, and returns the process that did it. */
static pid_t run(unsigned int number)
{
	struct order ordered = order(number);
	struct worker worker = worker_for(&ordered);
	unsigned int done;
	int pid;

	workers_run(&worker, 1);
	assert_int_equal(worker.result, 0);
	assert_int_equal(worker.pid, 0);
	assert_int_equal(sscanf(ordered.said, "%u by %d", &done, &pid), 2);
	assert_int_equal(done, number);
	return pid;
}

static void await_end_of_all(void)
{
	workers_dismiss();
	workers_run(NULL, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void the_same_child_does_the_next(void **state)
{
	pid_t first = run(1);

	(void)state;
	assert_int_equal(run(2), first);
	assert_int_equal(run(3), first);
	await_end_of_all();
	assert_int_not_equal(run(4), first);
	await_end_of_all();
}

static void its_failure_is_no_reason_to_go(void **state)
{
	struct order ordered = order(7);
	struct worker worker = worker_for(&ordered);
	char first[WORKER_OUTPUT_SIZE];

	(void)state;
	worker.work = refuse_odd;
	for (int i = 0; i < 2; i++) {
		workers_run(&worker, 1);
		assert_int_equal(worker.result, -ENODEV);
		assert_string_equal(worker.error.text, "no device 7");
		if (i == 0)
			memcpy(first, ordered.said, sizeof(first));
		assert_string_equal(ordered.said, first);
	}
	await_end_of_all();
}

/* Nothing of the one before is in the next answer. */
static void each_answer_is_its_own(void **state)
{
	struct order ordered = order(7);
	struct worker worker = worker_for(&ordered);

	(void)state;
	worker.work = refuse_odd;
	workers_run(&worker, 1);
	assert_int_equal(worker.result, -ENODEV);
	assert_string_not_equal(ordered.said, "");
	ordered = order(8);
	workers_run(&worker, 1);
	assert_int_equal(worker.result, 0);
	assert_int_equal(worker.error.code, 0);
	assert_string_equal(worker.error.text, "");
	assert_string_equal(ordered.said, "");
	await_end_of_all();
}

/* How many of two are among those. */
static size_t count_of(const int two[2], const int *those, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += those[i] == two[0] || those[i] == two[1];
	return found;
}

static void several_stay_and_more_join(void **state)
{
	struct order orders[3] = {order(1), order(2), order(3)};
	struct worker workers[3];
	unsigned int number;
	int pids[3], before[2];

	(void)state;
	for (int round = 0; round < 3; round++) {
		size_t count = round == 1 ? 3 : 2;

		for (size_t i = 0; i < count; i++)
			workers[i] = worker_for(&orders[i]);
		workers_run(workers, count);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(sscanf(orders[i].said, "%u by %d", &number, &pids[i]), 2);
			assert_int_equal(number, orders[i].number);
		}
		assert_int_not_equal(pids[0], pids[1]);
		/* Whichever does which. */
		if (round == 1)
			assert_int_equal(count_of(before, pids, 3), 2);
		memcpy(before, pids, sizeof(before));
	}
	await_end_of_all();
}

static void other_work_is_another_childs(void **state)
{
	struct order ordered = order(7);
	struct worker worker = worker_for(&ordered);
	pid_t first = run(1);
	int pid;

	(void)state;
	worker.reusable_size = 0;
	workers_run(&worker, 1);
	assert_int_equal(sscanf(ordered.said, "7 by %d", &pid), 1);
	assert_int_not_equal(pid, first);
	assert_int_equal(run(2), first);
	await_end_of_all();
}

static void who_died_meanwhile_is_replaced(void **state)
{
	pid_t first = run(1);

	(void)state;
	kill(first, SIGKILL);
	/* Dead, and not only about to be. */
	assert_int_equal(waitpid(first, NULL, 0), first);
	assert_int_not_equal(run(2), first);
	await_end_of_all();
}

static void who_overran_is_not_asked_again(void **state)
{
	struct order ordered = order(1);
	struct worker worker = worker_for(&ordered);
	pid_t first = run(0), stuck;

	(void)state;
	ordered.sleep_ms = 1500;
	worker.timeout_ms = 100;
	workers_run(&worker, 1);
	assert_int_equal(worker.result, -ETIMEDOUT);
	stuck = worker.pid;
	assert_int_equal(stuck, first);
	assert_int_not_equal(run(2), stuck);
	/* It ends by itself. */
	assert_int_equal(waitpid(stuck, NULL, 0), stuck);
	await_end_of_all();
}

/* --- what it does once it has answered, and when nobody listens --- */

static char hear(int fd)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	char byte = '-';

	if (poll(&polled, 1, 5000) <= 0 || read(fd, &byte, 1) != 1)
		return '-';
	return byte;
}

static void what_follows_the_answer_is_done_each_time(void **state)
{
	struct order ordered = order(1);
	struct worker worker = worker_for(&ordered);
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	ordered.told = ends[1];
	for (int i = 0; i < 3; i++) {
		workers_run(&worker, 1);
		assert_int_equal(hear(ends[0]), 'h');
	}
	ordered.sleep_ms = 500;
	worker.timeout_ms = 50;
	workers_run(&worker, 1);
	assert_int_equal(worker.result, -ETIMEDOUT);
	assert_int_equal(hear(ends[0]), 'l');
	assert_int_equal(waitpid(worker.pid, NULL, 0), worker.pid);
	await_end_of_all();
	close(ends[0]);
	close(ends[1]);
}

/* It would take the next order for the word that it still waits for. */
static void who_could_not_be_told_does_not_stay(void **state)
{
	struct order ordered = order(1);
	struct worker worker = worker_for(&ordered);
	int ends[2], first;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	ordered.told = ends[1];
	words_are_lost = true;
	workers_run(&worker, 1);
	words_are_lost = false;
	assert_int_equal(worker.result, 0);
	assert_int_equal(worker.reusable_size, 0);
	assert_int_equal(sscanf(ordered.said, "1 by %d", &first), 1);
	assert_int_not_equal(run(2), first);
	/* For all it knows nobody has read its answer. */
	assert_int_equal(hear(ends[0]), 'l');
	await_end_of_all();
	close(ends[0]);
	close(ends[1]);
}

static int nothing(void *data, struct error *err)
{
	(void)data, (void)err;
	return 0;
}

static void leave_slowly(void *data)
{
	(void)data;
	nap(600);
}

static void who_leaves_slowly_takes_no_time_from_the_next(void **state)
{
	struct worker slow = {.work = nothing, .on_read = leave_slowly, .timeout_ms = 5000};
	struct worker next = {.work = nothing, .timeout_ms = 300};
	uint64_t started_ms = host_now_ms();

	(void)state;
	workers_run(&slow, 1);
	assert_int_equal(slow.result, 0);
	workers_run(&next, 1);
	assert_int_equal(next.result, 0);
	assert_uint_in_range(next.duration_ms, 0, 300);
	/* It was there to be waited for. */
	assert_uint_in_range(host_now_ms() - started_ms, 600, 5000);
	await_end_of_all();
}

static void who_is_apart_waits_for_nobody(void **state)
{
	struct worker slow = {.work = nothing, .on_read = leave_slowly, .timeout_ms = 5000};
	struct worker next = {.work = nothing, .overlaps = true, .timeout_ms = 5000};
	uint64_t started_ms = host_now_ms();

	(void)state;
	workers_run(&slow, 1);
	workers_run(&next, 1);
	assert_int_equal(next.result, 0);
	assert_uint_in_range(host_now_ms() - started_ms, 0, 500);
	/* They are seen off all the same. */
	await_end_of_all();
	assert_uint_in_range(host_now_ms() - started_ms, 600, 5000);
}

static int say_echild(void *data, struct error *err)
{
	(void)data;
	return error_set(err, ECHILD, "a child of mine is dead");
}

static int die(void *data, struct error *err)
{
	(void)data, (void)err;
	raise(SIGKILL);
	return 0;
}

static void who_speaks_of_the_dead_is_alive(void **state)
{
	struct worker workers[2] = {{.work = say_echild, .timeout_ms = 5000},
				    {.work = die, .timeout_ms = 5000}};

	(void)state;
	workers_run(workers, 2);
	assert_int_equal(workers[0].result, -ECHILD);
	assert_false(workers[0].died);
	assert_int_equal(workers[1].result, -ECHILD);
	assert_true(workers[1].died);
	await_end_of_all();
}

static int be_there(void *data, struct error *err)
{
	(void)data, (void)err;
	nap(100000);
	return 0;
}

/* Whoever waits for what ends it would not see it end. */
static void assert_ends(pid_t pid)
{
	uint64_t started_ms = host_now_ms();
	pid_t ended;

	while ((ended = waitpid(pid, NULL, WNOHANG)) == 0 && host_now_ms() - started_ms < 5000)
		nap(2);
	assert_int_equal(ended, pid);
}

/* The one that came later has none of what tells the first of its parent's death. */
static void idle_ones_end_with_their_parent(void **state)
{
	int pids[2] = {0}, ends[2];
	pid_t parent;

	(void)state;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		struct worker later = {be_there, .timeout_ms = 200};

		pids[0] = run(1);
		workers_run(&later, 1);
		pids[1] = later.pid;
		if (write(ends[1], pids, sizeof(pids)) != (ssize_t)sizeof(pids))
			_exit(3);
		nap(100000);
	}
	assert_int_equal(read(ends[0], pids, sizeof(pids)), sizeof(pids));
	assert_int_equal(kill(pids[0], 0), 0);
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_ends(pids[0]);
	assert_int_equal(waitpid(pids[1], NULL, WNOHANG), 0);
	kill(pids[1], SIGKILL);
	assert_int_equal(waitpid(pids[1], NULL, 0), pids[1]);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_child_does_the_next),
		cmocka_unit_test(its_failure_is_no_reason_to_go),
		cmocka_unit_test(each_answer_is_its_own),
		cmocka_unit_test(several_stay_and_more_join),
		cmocka_unit_test(other_work_is_another_childs),
		cmocka_unit_test(who_died_meanwhile_is_replaced),
		cmocka_unit_test(who_overran_is_not_asked_again),
		cmocka_unit_test(what_follows_the_answer_is_done_each_time),
		cmocka_unit_test(who_could_not_be_told_does_not_stay),
		cmocka_unit_test(who_leaves_slowly_takes_no_time_from_the_next),
		cmocka_unit_test(who_is_apart_waits_for_nobody),
		cmocka_unit_test(who_speaks_of_the_dead_is_alive),
		cmocka_unit_test(idle_ones_end_with_their_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
