// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying out a journal step by step: what is written before what, in which order the kernel is
 * asked, and what happens when a cell is not as the plan found it.
 */
#include "tests/unit/execute-helpers.h"

#include <errno.h>
#include <sys/stat.h>

static const char host_text[] = "device 0000:01:00.0 8086:10d3 group=1 driver=e1000e\n"
				"device 0000:02:00.0 8086:10d3 group=2 driver=e1000e\n"
				"device 0000:03:00.0 8086:10d3 group=3 override=vfio-pci\n"
				"driver vfio-pci module=vfio-pci\n"
				"dir run/hostdev-hook\n";

static int fresh(void **state)
{
	return world_new(state, host_text);
}

static void the_journal_is_there_before_anything_is_done(void **state)
{
	struct world *world = *state;

	create(world, UNBIND(A) BIND(A));
	assert_journal(world, UNBIND(A) BIND(A), "");
	assert_int_equal(testhost_operations(world->host), 0);
}

static void marks_are_appended_as_the_work_goes_on(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A) BIND(A));
	run_well(world);
	assert_journal(world, UNBIND(A) BIND(A), "begun 1\ndone 1\nbegun 2\ndone 2\n");
	undo_well(world);
	assert_journal(world, UNBIND(A) BIND(A),
		       "begun 1\ndone 1\nbegun 2\ndone 2\nreturning\nundone 2\nundone 1\n");
	assert_ok(execution_finish(&world->execution, &err), &err);
	assert_false(tree_exists(world->host->root_fd, JOURNAL));
	assert_ok(execution_finish(&world->execution, &err), &err);
}

/* A mark is on its file before the kernel is asked: seen from inside the write. */
static int run_in_process(struct testhost *host, void *data)
{
	struct execution *execution = data;

	(void)host;
	return execution_run(execution, NULL) != 0;
}

static void begun_is_written_first(void **state)
{
	struct world *world = *state;
	struct fault fault = {.kind = FAULT_DIE_BEFORE, .at = 0};

	create(world, UNBIND(A) UNBIND(B));
	testhost_script(world->host, &fault);
	testhost_process(world->host, run_in_process, &world->execution);
	assert_journal(world, UNBIND(A) UNBIND(B), "begun 1\nbegun 2\n");
}

static void events_tell_what_happened(void **state)
{
	struct world *world = *state;

	create(world, POWER(A, "on") UNBIND(A) BIND(A));
	run_well(world);
	undo_well(world);
	assert_text(world->events.data, "power " A " done\n"
					"driver " A " done\n"
					"driver " A " done\n"
					"undo driver " A " undone\n"
					"undo driver " A " undone\n"
					"undo power " A " undone\n");
}

/* Between unbind and bind a device is anybody's whose module gets loaded, but for its override. */
static void the_override_is_there_while_no_driver_is(void **state)
{
	struct world *world = *state;
	auto_free char *there = NULL, *back = NULL;

	create(world, UNBIND(A) BIND(A));
	run_well(world);
	there = testhost_log(world->host);
	assert_text(there, "write bus/pci/devices/" A "/driver_override vfio-pci\n"
			   "write bus/pci/drivers/e1000e/unbind " A "\n"
			   "write bus/pci/drivers/vfio-pci/bind " A "\n");
	testhost_script(world->host, NULL);
	undo_well(world);
	back = testhost_log(world->host);
	assert_text(back, "write bus/pci/drivers/vfio-pci/unbind " A "\n"
			  "write bus/pci/devices/" A "/driver_override e1000e\n"
			  "write bus/pci/drivers/e1000e/bind " A "\n"
			  "write bus/pci/devices/" A "/driver_override \\x0a\n");
}

/* Everything is let go before anything is bound, in both directions. */
static void check_phases(struct world *world, const char *first, const char *then)
{
	auto_free char *log = testhost_log(world->host);
	const char *last = NULL, *next;

	for (const char *at = log; (at = strstr(at, first)); at++)
		last = at;
	assert_non_null(last);
	next = strstr(log, then);
	if (next && next < last)
		fail_msg("\"%s\" before the last \"%s\":\n%s", then, first, log);
}

static void all_unbinds_come_before_all_binds(void **state)
{
	struct world *world = *state;
	struct fault fault = {
		.kind = FAULT_SLOW, .at = FAULT_ANY, .path = "/unbind", .value = A, .code = 100};

	create(world, UNBIND(A) UNBIND(B) BIND(A) BIND(B));
	testhost_script(world->host, &fault);
	run_well(world);
	check_phases(world, "/unbind ", "/bind ");
	testhost_script(world->host, &fault);
	undo_well(world);
	check_phases(world, "/unbind ", "/bind ");
}

/* A device that waits already has no unbind of its own; its bind is no reason to hurry. */
static void a_waiting_device_waits_for_the_others(void **state)
{
	struct world *world = *state;

	struct fault fault = {
		.kind = FAULT_SLOW, .at = FAULT_ANY, .path = "e1000e/unbind", .code = 100};

	create(world, UNBIND(A) UNBIND(B) BIND("0000:03:00.0") BIND(A) BIND(B));
	testhost_script(world->host, &fault);
	run_well(world);
	check_phases(world, "/unbind ", "/bind ");
}

static void a_cell_at_its_value_is_skipped_and_stays(void **state)
{
	struct world *world = *state;

	testhost_set(world->host, A, "driver_override", "vfio-pci");
	testhost_rebind(world->host, A, "vfio-pci");
	testhost_set(world->host, A, "power/control", "on");
	create(world, BIND(A) UNBIND(B));
	run_well(world);
	assert_journal(world, BIND(A) UNBIND(B), "skipped 1\nbegun 2\ndone 2\n");
	undo_well(world);
	assert_journal(world, BIND(A) UNBIND(B),
		       "skipped 1\nbegun 2\ndone 2\nreturning\nundone 2\n");
	assert_text(world->events.data, "driver " A " skipped\n"
					"driver " B " done\n"
					"undo driver " B " undone\n");
}

static void a_cell_that_drifted_stops_the_run(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A) BIND(A));
	testhost_rebind(world->host, A, NULL);
	assert_int_equal(execution_run(&world->execution, &err), -ESTALE);
	assert_contains(err.text, A);
	assert_contains(err.text, A " is bound to no driver by now");
	assert_int_equal(testhost_operations(world->host), 0);
	assert_journal(world, UNBIND(A) BIND(A), "");
	undo_well(world);
}

static void a_failure_names_step_and_reason(void **state)
{
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "vfio-pci/bind", .code = EINVAL};
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A) BIND(A));
	testhost_script(world->host, &fault);
	assert_int_equal(execution_run(&world->execution, &err), -EINVAL);
	assert_contains(err.text, A);
	assert_contains(err.text, "vfio-pci");
	assert_contains(err.text, "Invalid argument");
	testhost_script(world->host, NULL);
	undo_well(world);
	assert_journal(world, UNBIND(A) BIND(A),
		       "begun 1\ndone 1\nbegun 2\nreturning\nundone 2\nundone 1\n");
}

/* The write failed and the cell has its value all the same: that is what counts. */
static void only_what_is_read_back_counts(void **state)
{
	struct world *world = *state;
	struct fault fault = {.kind = FAULT_WITHOUT_ACT, .at = FAULT_ANY, .path = "e1000e/unbind"};
	struct error err = ERROR_INIT;

	create(world, UNBIND(A));
	testhost_script(world->host, &fault);
	assert_int_equal(execution_run(&world->execution, &err), -EIO);
	assert_contains(err.text, "e1000e");
	testhost_script(world->host, NULL);
	undo_well(world);
}

/* Not to know whether a device is there is not to know that it is gone. */
static void what_cannot_be_read_stays_to_be_returned(void **state)
{
	static const char override[] = "sys/bus/pci/devices/" A "/driver_override";
	struct world *world = *state;
	struct error err = ERROR_INIT;

	create(world, UNBIND(A));
	run_well(world);
	tree_remove(world->host->root_fd, override);
	tree_dir(world->host->root_fd, override);
	assert_int_equal(execution_undo(&world->execution, &err), -EISDIR);
	assert_contains(err.text, "driver_override");
	assert_journal(world, UNBIND(A), "begun 1\ndone 1\nreturning\n");
	assert_contains(world->events.data, "undo driver " A " done: read ");
	tree_remove(world->host->root_fd, override);
	tree_file(world->host->root_fd, override, "vfio-pci\n");
	undo_well(world);
	assert_journal(world, UNBIND(A), "begun 1\ndone 1\nreturning\nundone 1\n");
}

static void resuming_mends_the_last_line(void **state)
{
	struct world *world = *state;
	auto_free char *path = xasprintf("%s/" JOURNAL, world->host->root);
	auto_free char *text = NULL;
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;
	FILE *file;

	create(world, UNBIND(A));
	run_well(world);
	execution_done(&world->execution);
	world->open = false;
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("undo", file);
	fclose(file);
	text = lending_journal(world->host);
	text[strlen(text) - 1] = '\0';
	assert_ok(journal_parse(text, strlen(text), &journal, &err), &err);
	assert_ok(execution_resume(&world->execution, &world->host->host, &journal, &err), &err);
	world->open = true;
	undo_well(world);
	assert_journal(world, UNBIND(A), "begun 1\ndone 1\nreturning\nundone 1\n");
}

static void without_a_directory_nothing_is_done(void **state)
{
	struct world *world = *state;
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;

	tree_remove(world->host->root_fd, "run/hostdev-hook");
	assert_ok(journal_parse(HEAD UNBIND(A), strlen(HEAD UNBIND(A)), &journal, &err), &err);
	assert_int_equal(execution_create(&world->execution, &world->host->host, &journal, &err),
			 -ENOENT);
	assert_contains(err.text, "/run/hostdev-hook");
	assert_int_equal(journal.step_count, 1);
	assert_int_equal(testhost_operations(world->host), 0);
}

/* The journal is root's: nobody else may read whom a guest belongs to, or write it. */
static void the_journal_is_private(void **state)
{
	struct world *world = *state;
	auto_free char *path = xasprintf("%s/" JOURNAL, world->host->root);
	struct stat status;

	create(world, UNBIND(A));
	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void every_kind_has_its_operations(void **state)
{
	(void)state;
	for (int kind = 0; kind < STEP_LEND_KINDS; kind++) {
		const struct step_ops *ops = step_ops((enum step_kind)kind);

		assert_non_null(ops->read);
		assert_non_null(ops->set);
		if (ops->timeout_for)
			assert_int_equal(ops->timeout_ms, 0);
		else
			assert_uint_in_range(ops->timeout_ms, 1000, 120000);
		/* A gate is never undone. */
		assert_true(!step_kind_is_gate((enum step_kind)kind) || ops->keep);
	}
}

/* A socket starts services of its own manager only. */
static void another_users_socket_is_in_nobodys_way(void **state)
{
	static const char steps[] =
		"step unit 1000/pw.service active,sockets=pw.socket -> inactive # x\n"
		"step unit 1001/pw.socket active -> inactive # x\n";
	static const char units[] = "unit 1000/pw.service active pids=900\n"
				    "unit 1001/pw.socket inactive\ndir run/hostdev-hook\n";
	struct world *world;
	auto_free char *log = NULL;

	(void)state;
	assert_int_equal(world_new((void **)&world, units), 0);
	create(world, steps);
	world->execution.journal.marks[0] = world->execution.journal.marks[1] = MARK_DONE;
	undo_well(world);
	log = testhost_log(world->host);
	assert_non_null(strstr(log, "1001/pw.socket start"));
	assert_null(strstr(log, "stop"));
	world_end((void **)&world);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_journal_is_there_before_anything_is_done),
		test(marks_are_appended_as_the_work_goes_on),
		test(begun_is_written_first),
		test(events_tell_what_happened),
		test(the_override_is_there_while_no_driver_is),
		test(all_unbinds_come_before_all_binds),
		test(a_waiting_device_waits_for_the_others),
		test(a_cell_at_its_value_is_skipped_and_stays),
		test(a_cell_that_drifted_stops_the_run),
		test(a_failure_names_step_and_reason),
		test(only_what_is_read_back_counts),
		test(what_cannot_be_read_stays_to_be_returned),
		test(resuming_mends_the_last_line),
		test(without_a_directory_nothing_is_done),
		test(the_journal_is_private),
		cmocka_unit_test(every_kind_has_its_operations),
		cmocka_unit_test(another_users_socket_is_in_nobodys_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
