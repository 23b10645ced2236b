// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run's deadline: what is not begun any more, how long anybody is waited for, and who does the
 * rest; and what the journal says of a worker in flight.
 */
#include "tests/unit/execute-helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MACHINE                                                                                    \
	"device " A " 8086:10d3 group=1 driver=e1000e\n"                                           \
	"device " B " 8086:10d3 group=2 driver=e1000e\n"                                           \
	"module vfio-pci\n"

static int fresh(void **state)
{
	int ret = world_new(state, MACHINE);
	struct world *world = *state;

	tree_dir(world->host->root_fd, "run/hostdev-hook");
	tree_dir(world->host->root_fd, "sys/bus/pci/drivers/vfio-pci");
	return ret;
}

static int done(void **state)
{
	testhost_release(((struct world *)*state)->host);
	return world_end(state);
}

static void set_deadline(struct world *world, unsigned int ms)
{
	world->execution.deadline_ms = host_now_ms() + ms;
}

static void hang_at(struct world *world, const char *path)
{
	struct fault fault = {.kind = FAULT_HANG, .at = FAULT_ANY, .path = path};

	testhost_script(world->host, &fault);
}

static void a_step_that_may_last_too_long_is_not_begun(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A));
	/* A host driver has 10 s, and what is looked at before comes on top. */
	set_deadline(world, 9000);
	assert_int_equal(execution_run(&world->execution, &err), -ETIME);
	assert_contains(err.text,
			A " could not be unbound from its driver, as the start has taken ");
	assert_contains(err.text, "total-time = 240 s");
	assert_int_equal(testhost_operations(world->host), 0);
	assert_journal(world, UNBIND(A), "");
	set_deadline(world, 100000);
	run_well(world);
}

/* The one that hangs is given up when the call's time is over, long before its own. */
static void the_way_back_ends_with_the_call(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;
	uint64_t started_ms = host_now_ms();

	create(world, UNBIND(A));
	run_well(world);
	hang_at(world, "e1000e/bind");
	set_deadline(world, 2500);
	assert_int_equal(execution_undo(&world->execution, &err), -ETIMEDOUT);
	assert_uint_in_range(host_now_ms() - started_ms, 1000, 10000);
	assert_int_equal(world->execution.journal.marks[0], MARK_IN_FLIGHT);
	assert_true(execution_is_stuck(&world->execution));
}

/* What may be waited for once more is not given up: the device is still there. */
static void what_does_not_answer_stays_to_be_returned(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A));
	run_well(world);
	block_reading(world, A);
	set_deadline(world, 2000);
	assert_int_equal(execution_undo(&world->execution, &err), -ETIMEDOUT);
	assert_journal(world, UNBIND(A), "begun 1\ndone 1\nreturning\n");
}

/* Each look may take its time, but all together not more than the call has. */
static void no_device_is_looked_at_when_the_time_is_over(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;
	uint64_t started_ms = host_now_ms();

	create(world, UNBIND(A) UNBIND(B));
	run_well(world);
	block_reading(world, A);
	block_reading(world, B);
	set_deadline(world, 2000);
	assert_int_equal(execution_undo(&world->execution, &err), -EINPROGRESS);
	assert_uint_in_range(host_now_ms() - started_ms, 1000, 15000);
	assert_contains(world->events.data, "undo driver " A);
	assert_null(strstr(world->events.data, "undo driver " B));
}

/* --- who does the rest --- */

static int told[2];

static void say_late(void *data)
{
	if (write(told[1], data, 1) != 1)
		_exit(3);
}

static char hear_late(void)
{
	char byte = '-';

	close(told[1]);
	if (read(told[0], &byte, 1) != 1)
		byte = '-';
	close(told[0]);
	return byte;
}

static void without_time_a_child_does_the_rest(void **state)
{
	static char mark[] = "x";
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A) UNBIND(B));
	run_well(world);
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	world->execution.late = say_late;
	world->execution.late_data = mark;
	set_deadline(world, 10);
	world->execution.deadline_is_total = true;
	assert_int_equal(execution_undo(&world->execution, &err), -EINPROGRESS);
	assert_contains(err.text, "total-time = 240 s");
	assert_int_equal(world->execution.rest, REST_LATER);
	assert_int_equal(hear_late(), 'x');
	assert_false(execution_is_stuck(&world->execution));
	/* It would take the guest's lock and do this: */
	world->execution.deadline_ms = 0;
	undo_well(world);
}

static void nobody_does_the_rest_unasked(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A));
	run_well(world);
	set_deadline(world, 10);
	assert_int_equal(execution_undo(&world->execution, &err), -EINPROGRESS);
	assert_null(strstr(err.text, "in the background"));
	/* What is settled needs nobody. */
	world->execution.deadline_ms = 0;
	undo_well(world);
	set_deadline(world, 10);
	undo_well(world);
}

/* --- in flight --- */

static void who_is_in_flight_is_told_and_written_down(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;
	auto_free char *marks = NULL, *said = NULL;
	const struct journal_process *worker;

	create(world, UNBIND(A) UNBIND(B));
	hang_at(world, "e1000e/unbind");
	world->host->faults[0].value = A;
	world->execution.journal.limits.unbind_ms = 3000;
	assert_int_equal(execution_run(&world->execution, &err), -ETIMEDOUT);
	worker = &world->execution.journal.workers[0];
	assert_true(worker->pid > 0);
	marks = xasprintf("begun 1\nbegun 2\nin-flight 1 %d %llu\ndone 2\n", worker->pid,
			  (unsigned long long)worker->start_time);
	assert_journal(world, UNBIND(A) UNBIND(B), marks);
	said = xasprintf(A " could not be unbound from its driver: the kernel has not answered for "
			   "3 s; the step is in flight (process %d, waiting in test_remove)",
			 worker->pid);
	assert_string_equal(err.text, said);
}

/* An operation that nobody begins behind another is one that does not queue up there. */
static void nothing_begins_behind_it(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A));
	world->execution.stuck[0] = true;
	assert_int_equal(execution_run(&world->execution, &err), -EINPROGRESS);
	assert_contains(err.text, "driver " A);
	assert_int_equal(testhost_operations(world->host), 0);
}

/* --- and what a later process makes of it --- */

static void file_in_flight(struct world *world, pid_t pid, unsigned int start_time)
{
	auto_free char *text = xasprintf("%s" UNBIND(A) "begun 1\nin-flight 1 %d %u\n", HEAD,
					 (int)pid, start_time);

	tree_file(world->host->root_fd, JOURNAL, "%s", text);
}

static void show_process(struct world *world, pid_t pid, unsigned int start_time)
{
	auto_free char *path = xasprintf("proc/%d/stat", (int)pid);

	tree_file(world->host->root_fd, path,
		  "%d (engine) D 1 1 1 0 -1 2097152 0 0 0 0 0 0 0 0 20 0 1 0 %u 0 0\n", (int)pid,
		  start_time);
}

static void resume(struct world *world)
{
	auto_free char *text = lending_journal(world->host);
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;

	assert_ok(journal_parse(text, strlen(text), &journal, &err), &err);
	assert_ok(execution_resume(&world->execution, &world->host->host, &journal, &err), &err);
	world->open = true;
}

static void a_worker_of_before_that_lives(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	file_in_flight(world, 4000, 77);
	show_process(world, 4000, 77);
	resume(world);
	assert_true(execution_is_stuck(&world->execution));
	assert_int_equal(execution_undo(&world->execution, &err), -EINPROGRESS);
	assert_contains(err.text, "(in flight in process 4000)");
	assert_int_equal(testhost_operations(world->host), 0);
}

static void a_worker_of_before_that_has_ended(void **state)
{
	struct world *world = *state;

	file_in_flight(world, 4000, 77);
	show_process(world, 4000, 78);
	resume(world);
	assert_false(execution_is_stuck(&world->execution));
	undo_well(world);
}

static void the_worker_itself_is_in_nobodys_way(void **state)
{
	struct world *world = *state;

	file_in_flight(world, getpid(), 77);
	show_process(world, getpid(), 77);
	resume(world);
	assert_false(execution_is_stuck(&world->execution));
	undo_well(world);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_step_that_may_last_too_long_is_not_begun),
		test(the_way_back_ends_with_the_call),
		test(what_does_not_answer_stays_to_be_returned),
		test(no_device_is_looked_at_when_the_time_is_over),
		test(without_time_a_child_does_the_rest),
		test(nobody_does_the_rest_unasked),
		test(who_is_in_flight_is_told_and_written_down),
		test(nothing_begins_behind_it),
		test(a_worker_of_before_that_lives),
		test(a_worker_of_before_that_has_ended),
		test(the_worker_itself_is_in_nobodys_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
