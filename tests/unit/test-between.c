// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What others do to a device between two steps of one run: every step is looked at once more when
 * its turn comes, and none of a batch is begun where one is not as it was left.
 */
#include "tests/unit/execute-helpers.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "state/journal-file.h"
#include "state/step-lock.h"

static const char host_text[] = "device 0000:01:00.0 8086:10d3 group=1 driver=e1000e\n"
				"device 0000:02:00.0 8086:10d3 group=2 driver=e1000e\n"
				"driver vfio-pci module=vfio-pci\n"
				"driver uio_pci_generic module=uio_pci_generic\n"
				"dir run/hostdev-hook\n";

#define STEPS UNBIND(A) UNBIND(B) BIND(A) BIND(B)

static void (*others)(struct world *world);

static int fresh(void **state)
{
	return world_new(state, host_text);
}

/* Both devices are without a driver when the second has been let go. */
static void meanwhile(void *data, const struct step_event *event)
{
	struct world *world = data;

	note_event(&world->events, event);
	if (event->mark == MARK_DONE && !event->undo && event->step->target[6] == '2' && others) {
		others(world);
		others = NULL;
	}
}

static int run(struct world *world, void (*act)(struct world *world), struct error *err)
{
	create(world, STEPS);
	others = act;
	world->execution.report = meanwhile;
	world->execution.report_data = world;
	return execution_run(&world->execution, err);
}

static void bind_another(struct world *world)
{
	testhost_set(world->host, A, "driver_override", "uio_pci_generic");
	testhost_rebind(world->host, A, "uio_pci_generic");
}

static void bind_the_wanted(struct world *world)
{
	testhost_rebind(world->host, A, "vfio-pci");
}

static void clear_override(struct world *world)
{
	testhost_set(world->host, A, "driver_override", "(null)");
}

static void assert_not_bound_by_us(struct world *world)
{
	auto_free char *log = testhost_log(world->host);

	assert_null(strstr(log, "vfio-pci/bind " A));
}

static void assert_driver(struct world *world, const char *addr, const char *driver)
{
	auto_free char *path = xasprintf("sys/bus/pci/devices/%s/driver", addr);
	auto_free char *found = tree_link_name(world->host->root_fd, path);

	assert_text(found, driver);
}

static void check_order(const char *log, const char *first, const char *then)
{
	const char *one = strstr(log, first), *other = strstr(log, then);

	if (!one || !other || one > other)
		fail_msg("not \"%s\" before \"%s\":\n%s", first, then, log);
}

static void somebody_elses_driver_is_not_touched(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;
	auto_free char *log = NULL;

	assert_int_equal(run(world, bind_another, &err), -ESTALE);
	assert_contains(err.text, A);
	assert_contains(err.text, A " is bound to uio_pci_generic (its driver_override is ");
	assert_contains(err.text, "somebody else changed it");
	assert_not_bound_by_us(world);
	execution_undo(&world->execution, NULL);
	log = testhost_log(world->host);
	assert_null(strstr(log, "uio_pci_generic"));
	assert_driver(world, A, "uio_pci_generic");
}

/* A worker that comes to it only when the next run has a journal of this name. */
static void a_hold_is_on_the_runs_own_journal(void **state)
{
	struct world *world = *state;
	auto_close int next = -1, hold = -1;
	struct error err = ERROR_INIT;

	create(world, STEPS);
	tree_remove(world->host->root_fd, "run/hostdev-hook/" TEST_UUID ".journal");
	assert_ok(journal_file_create(&world->host->host, &world->execution.journal, &next, &err),
		  &err);
	hold = step_lock_take(world->execution.journal_fd, 0, &err);
	assert_true(hold >= 0);
	assert_true(step_lock_is_taken(world->execution.journal_fd, 0));
	assert_false(step_lock_is_taken(next, 0));
}

/* Lines of the way back wait for the next that can be written, and come in their order. */
static void lines_that_cannot_be_written_are_kept(void **state)
{
	const struct pci_addr only = {.bus = 1};
	struct world *world = *state;
	auto_free char *before = NULL, *after = NULL;
	struct execution *execution = &world->execution;
	struct error err = ERROR_INIT;
	int writable;

	create(world, STEPS);
	before = lending_journal(world->host);
	writable = execution->journal_fd;
	execution->journal_fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(execution_write(execution, "undone 1\n", 9, &err), -EROFS);
	execution->only = &only;
	execution->only_count = 1;
	assert_ok(execution_write(execution, "undone 1\n", 9, &err), &err);
	assert_ok(execution_write(execution, "undone 2\n", 9, &err), &err);
	assert_int_equal(execution->unwritten_error.code, EROFS);
	close(execution->journal_fd);
	execution->journal_fd = writable;
	assert_ok(execution_write(execution, "undone 3\n", 9, &err), &err);
	after = lending_journal(world->host);
	assert_memory_equal(after, before, strlen(before));
	assert_string_equal(after + strlen(before), "undone 1\nundone 2\nundone 3\n");
	assert_int_equal(execution->unwritten.length, 0);
	execution->only = NULL;
}

/* Of a line that does not fit nothing stays that the next one would be glued to. */
static void half_a_line_is_taken_back(void **state)
{
	struct world *world = *state;
	struct rlimit old, limit;
	struct stat status;
	struct error err = ERROR_INIT;
	auto_free char *before = NULL, *after = NULL;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	int ret;

	create(world, STEPS);
	before = lending_journal(world->host);
	assert_int_equal(fstat(world->execution.journal_fd, &status), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){.rlim_cur = (rlim_t)status.st_size + 4, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ret = journal_file_append(world->execution.journal_fd, "undone 1\n", 9, &err);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, handler);
	assert_int_equal(ret, -ENOSPC);
	after = lending_journal(world->host);
	assert_string_equal(after, before);
}

static void the_other_devices_go_home(void **state)
{
	struct world *world = *state;

	run(world, bind_another, NULL);
	execution_undo(&world->execution, NULL);
	assert_driver(world, B, "e1000e");
}

/* A kernel's own probe, say, once the override is there. */
static void nothing_of_the_batch_is_begun(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_int_equal(run(world, bind_another, &err), -ESTALE);
	assert_journal(world, STEPS, "begun 1\nbegun 2\ndone 1\ndone 2\n");
}

static void what_is_there_already_is_not_written(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_ok(run(world, bind_the_wanted, &err), &err);
	assert_not_bound_by_us(world);
	assert_journal(world, STEPS,
		       "begun 1\nbegun 2\ndone 1\ndone 2\nskipped 3\nbegun 4\ndone 4\n");
	undo_well(world);
	assert_driver(world, A, "e1000e");
}

/* From vfio-pci right to its own: in between it may be had by no driver but that. */
static void the_override_points_home_before_the_driver_goes(void **state)
{
	struct world *world = *state;
	auto_free char *log = NULL;
	struct error err = ERROR_INIT;

	assert_ok(run(world, bind_the_wanted, &err), &err);
	testhost_script(world->host, NULL);
	undo_well(world);
	log = testhost_log(world->host);
	check_order(log, A "/driver_override e1000e\n", "vfio-pci/unbind " A "\n");
	check_order(log, "vfio-pci/unbind " A "\n", "e1000e/bind " A "\n");
}

/* Any driver could have come in: what the plan found is no longer so. */
static void an_override_taken_away_stops_the_run(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_int_equal(run(world, clear_override, &err), -ESTALE);
	assert_contains(err.text, A " is bound to no driver by now: somebody else changed it");
	assert_not_bound_by_us(world);
	undo_well(world);
}

static void block_the_look(struct world *world)
{
	block_reading(world, A);
	world->execution.deadline_ms = host_now_ms() + 30000;
}

/* Who only looks is no matter to anybody: nothing is in flight, and nothing will be done later. */
static void what_is_looked_at_too_long_is_not_begun(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_int_equal(run(world, block_the_look, &err), -ETIMEDOUT);
	assert_false(execution_is_stuck(&world->execution));
	assert_journal(world, STEPS, "begun 1\nbegun 2\ndone 1\ndone 2\n");
	assert_not_bound_by_us(world);
}

/* Returns once somebody reads it; the descriptor is for let_look. */
static int await_look(struct world *world, const char *addr)
{
	auto_free char *path = xasprintf("sys/bus/pci/devices/%s/driver_override", addr);

	return openat(world->host->root_fd, path, O_WRONLY | O_CLOEXEC);
}

/* Whoever reads gets this, and nobody is blocked from here on, or the next is. */
static void let_look(struct world *world, const char *addr, int look, const char *override,
		     bool once)
{
	auto_free char *path = xasprintf("sys/bus/pci/devices/%s/driver_override", addr);

	if (once) {
		block_reading(world, addr);
	} else {
		tree_remove(world->host->root_fd, path);
		tree_file(world->host->root_fd, path, "%s\n", override);
	}
	if (look < 0 || dprintf(look, "%s\n", override) < 0)
		_exit(3);
	close(look);
}

/* Both are looked at together: by now the other look is over as well. */
static void nap(void)
{
	const struct timespec time = {.tv_nsec = 700000000};

	nanosleep(&time, NULL);
}

static pid_t other;

/* A has been looked at for long when the look at B comes back. */
static void act_between_the_looks(struct world *world, void (*act)(struct world *world),
				  const char *override)
{
	int look;

	block_reading(world, B);
	other = fork();
	if (other != 0)
		return;
	look = await_look(world, B);
	nap();
	act(world);
	let_look(world, B, look, override, false);
	_exit(0);
}

static void assert_other_was_well(void)
{
	int status;

	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
}

static void bind_another_between_the_looks(struct world *world)
{
	act_between_the_looks(world, bind_another, "vfio-pci");
}

static void what_changed_behind_the_look_is_not_touched(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_int_equal(run(world, bind_another_between_the_looks, &err), -ESTALE);
	assert_contains(err.text, A " is bound to uio_pci_generic (its driver_override is ");
	assert_other_was_well();
	assert_not_bound_by_us(world);
	execution_undo(&world->execution, NULL);
	assert_driver(world, A, "uio_pci_generic");
	assert_driver(world, B, "e1000e");
}

static void lend_to_somebody_else(struct world *world)
{
	testhost_set(world->host, A, "driver_override", "vfio-pci");
	testhost_rebind(world->host, A, "vfio-pci");
}

/* Though it looks as if we had done it. */
static void what_was_not_begun_is_not_undone(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, STEPS);
	act_between_the_looks(world, lend_to_somebody_else, "(null)");
	assert_int_equal(execution_run(&world->execution, &err), -ESTALE);
	assert_other_was_well();
	assert_journal(world, STEPS, "begun 1\nbegun 2\nskipped 1\ndone 2\n");
	undo_well(world);
	assert_driver(world, A, "vfio-pci");
	assert_driver(world, B, "e1000e");
}

static void take_home(struct world *world)
{
	testhost_set(world->host, A, "driver_override", "(null)");
	testhost_rebind(world->host, A, "e1000e");
}

static void what_came_home_behind_the_look_is_settled(void **state)
{
	struct world *world = *state;
	auto_free char *log = NULL;

	create(world, STEPS);
	run_well(world);
	testhost_script(world->host, NULL);
	act_between_the_looks(world, take_home, "vfio-pci");
	undo_well(world);
	assert_other_was_well();
	log = testhost_log(world->host);
	assert_null(strstr(log, A));
	assert_driver(world, A, "e1000e");
	assert_driver(world, B, "e1000e");
}

/* When A's turn comes, and until that of B is over, it is somebody else's. */
static void have_it_for_a_moment(struct world *world)
{
	int look;

	block_reading(world, B);
	other = fork();
	if (other != 0)
		return;
	look = await_look(world, B);
	nap();
	bind_another(world);
	let_look(world, B, look, "vfio-pci", true);
	look = await_look(world, B);
	nap();
	lend_to_somebody_else(world);
	let_look(world, B, look, "vfio-pci", false);
	_exit(0);
}

static void what_is_ours_again_after_a_moment_goes_home(void **state)
{
	struct world *world = *state;

	create(world, STEPS);
	run_well(world);
	have_it_for_a_moment(world);
	undo_well(world);
	assert_other_was_well();
	assert_driver(world, A, "e1000e");
	assert_driver(world, B, "e1000e");
}

static void block_the_first(struct world *world)
{
	block_reading(world, A);
}

static void hold_the_first_at_its_turn(struct world *world)
{
	act_between_the_looks(world, block_the_first, "vfio-pci");
}

/* The hook has gone on without it, and what that does may not be taken from it again. */
static void who_comes_back_late_writes_nothing(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, STEPS);
	world->execution.journal.limits.bind_ms = 2500;
	world->execution.report = meanwhile;
	world->execution.report_data = world;
	others = hold_the_first_at_its_turn;
	assert_int_equal(execution_run(&world->execution, &err), -ETIMEDOUT);
	assert_contains(err.text, A);
	assert_other_was_well();
	assert_true(execution_is_stuck(&world->execution));
	assert_driver(world, B, "vfio-pci");
	let_look(world, A, await_look(world, A), "vfio-pci", false);
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_not_bound_by_us(world);
	assert_driver(world, A, NULL);
}

static bool first_was_held;

/* By now whoever unbound A has bound it, or B. */
static void look_at_the_first_hold(void *data, const struct step_event *event)
{
	const struct world *world = data;
	const struct execution *execution = &world->execution;

	if (event->step == &execution->journal.steps[2])
		first_was_held = step_lock_is_taken(execution->journal_fd, 0) ||
				 step_lock_is_yielded(execution->journal_fd, 0);
}

static void a_step_that_is_done_is_held_by_nobody(void **state)
{
	struct world *world = *state;

	create(world, STEPS);
	first_was_held = true;
	world->execution.report = look_at_the_first_hold;
	world->execution.report_data = world;
	run_well(world);
	assert_false(first_was_held);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(somebody_elses_driver_is_not_touched),
		test(a_hold_is_on_the_runs_own_journal),
		test(half_a_line_is_taken_back),
		test(lines_that_cannot_be_written_are_kept),
		test(the_other_devices_go_home),
		test(nothing_of_the_batch_is_begun),
		test(what_is_there_already_is_not_written),
		test(the_override_points_home_before_the_driver_goes),
		test(an_override_taken_away_stops_the_run),
		test(what_is_looked_at_too_long_is_not_begun),
		test(what_changed_behind_the_look_is_not_touched),
		test(what_was_not_begun_is_not_undone),
		test(what_came_home_behind_the_look_is_settled),
		test(what_is_ours_again_after_a_moment_goes_home),
		test(who_comes_back_late_writes_nothing),
		test(a_step_that_is_done_is_held_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
