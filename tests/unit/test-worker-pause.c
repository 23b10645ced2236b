// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long each worker is waited for: its clock stands still while it waits for something else than
 * the kernel, and not for ever.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/worker.h"

static void nap(unsigned int ms)
{
	poll(NULL, 0, (int)ms);
}

/* One that was left running. */
static void end(const struct worker *worker)
{
	assert_int_equal(kill(worker->pid, SIGKILL), 0);
	assert_int_equal(waitpid(worker->pid, NULL, 0), worker->pid);
}

/* What a pause of some length and then some work makes of it. */
struct pausing {
	unsigned int pause_ms, work_ms;
};

static int pause_and_work(void *data, struct error *err)
{
	const struct pausing *pausing = data;

	(void)err;
	worker_pause();
	nap(pausing->pause_ms);
	worker_resume();
	nap(pausing->work_ms);
	return 0;
}

static struct worker paused_worker(struct pausing *pausing)
{
	struct worker worker = {
		.work = pause_and_work, .data = pausing, .timeout_ms = 1000, .pause_ms = 2000};

	workers_run(&worker, 1);
	return worker;
}

static void a_pause_is_not_the_kernels_time(void **state)
{
	struct pausing pausing = {.pause_ms = 1500, .work_ms = 1};
	struct worker worker = paused_worker(&pausing);

	(void)state;
	assert_int_equal(worker.result, 0);
	assert_uint_in_range(worker.paused_ms, 1400, 2000);
}

/* What was not needed for the pause is not added to the rest. */
static void after_a_pause_the_time_is_the_same(void **state)
{
	struct pausing pausing = {.pause_ms = 500, .work_ms = 60000};
	struct worker worker = paused_worker(&pausing);

	(void)state;
	assert_int_equal(worker.result, -ETIMEDOUT);
	assert_uint_in_range(worker.duration_ms, 1400, 2500);
	assert_uint_in_range(worker.duration_ms - worker.paused_ms, 900, 1900);
	end(&worker);
}

static void a_pause_ends_too(void **state)
{
	struct pausing pausing = {.pause_ms = 60000, .work_ms = 1};
	struct worker worker = paused_worker(&pausing);

	(void)state;
	assert_int_equal(worker.result, -ETIMEDOUT);
	assert_uint_in_range(worker.duration_ms, 2900, 4500);
	end(&worker);
}

static int hang(void *data, struct error *err)
{
	(void)data, (void)err;
	nap(60000);
	return 0;
}

/* Not at the last one's: what it is in the way of goes on meanwhile. */
static void each_is_given_up_at_its_own_time(void **state)
{
	struct worker workers[] = {{.work = hang, .timeout_ms = 3000},
				   {.work = hang, .timeout_ms = 200},
				   {.work = hang, .timeout_ms = 3000}};

	(void)state;
	workers_run(workers, 3);
	assert_uint_in_range(workers[0].duration_ms, 3000, 5000);
	assert_uint_in_range(workers[1].duration_ms, 200, 2000);
	assert_uint_in_range(workers[2].duration_ms, 3000, 5000);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(workers[i].result, -ETIMEDOUT);
		end(&workers[i]);
	}
}

static int sleep_long(void *data, struct error *err)
{
	(void)data;
	(void)err;
	nap(4000);
	return 0;
}

static int leave_one_and_die(void *data, struct error *err)
{
	struct worker worker = {.work = sleep_long, .timeout_ms = 1};

	(void)data;
	(void)err;
	workers_run(&worker, 1);
	raise(SIGKILL);
	return 0;
}

/* Its own worker lives on: nobody waits for that one. */
static void the_death_of_one_that_has_workers_is_heard_at_once(void **state)
{
	struct worker worker = {.work = leave_one_and_die, .timeout_ms = 100000};

	(void)state;
	workers_run(&worker, 1);
	assert_true(worker.died);
	assert_uint_in_range(worker.duration_ms, 0, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_is_not_the_kernels_time),
		cmocka_unit_test(after_a_pause_the_time_is_the_same),
		cmocka_unit_test(a_pause_ends_too),
		cmocka_unit_test(each_is_given_up_at_its_own_time),
		cmocka_unit_test(the_death_of_one_that_has_workers_is_heard_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
