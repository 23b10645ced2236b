// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying out the steps that concern who uses a device: gates, what is gone before it is its turn,
 * and what waits for what on the way back.
 */
#include "tests/unit/execute-helpers.h"

#include <errno.h>

static const char host_text[] = "device 0000:01:00.0 8086:10d3 group=1 driver=e1000e\n"
				"device 0000:02:00.0 8086:10d3 group=2 driver=e1000e\n"
				"device 0000:03:00.0 8086:10d3 group=3 override=vfio-pci\n"
				"driver vfio-pci module=vfio-pci\n"
				"node 0000:01:00.0 sound/card1/controlC1 116:7 subsystem=sound "
				"name=snd/controlC1\n"
				"unit dm.service active\n"
				"unit foo.socket active dependent=foo.service\n"
				"unit foo.service active\n"
				"unit idle.service inactive\n"
				"unit 1000/late.service inactive\n"
				"vtconsole vtcon1 name=dummy bound\n"
				"process 1 comm=systemd\n"
				"process 812 comm=mpv holds=1:7\n"
				"dir run/hostdev-hook\n";

static int fresh(void **state)
{
	return world_new(state, host_text);
}

#define UNIT(name) "step unit " name " active -> inactive # has " A " open\n"
#define PLAYER "step process 812:5000@" A " held -> free,wait=10 # mpv\n"
#define GATE(before) "step holders " A " " before " -> free,wait=10 # nobody\n"
#define LONG_GATE "step holders " A " free -> free,wait=60000 # nobody\n"
#define CONSOLE "step vtconsole vtcon1 bound -> unbound # on " A "\n"

/* The first is asked once more, as its answer is old when the second has come. */
#define PASSED "begun 2\nskipped 2\nbegun 3\nskipped 3\nbegun 2\nskipped 2\n"

/* Passed or not, whatever they were found at: nothing of a gate is ours to undo. */
static void an_open_gate_is_passed(void **state)
{
	struct world *world = *state;

	create(world, PLAYER GATE("held") GATE("free"));
	run_well(world);
	assert_journal(world, PLAYER GATE("held") GATE("free"), "skipped 1\n" PASSED);
	undo_well(world);
	assert_journal(world, PLAYER GATE("held") GATE("free"), "skipped 1\n" PASSED "returning\n");
}

static void hold_node(struct world *world)
{
	tree_raw_link(world->host->root_fd, "proc/812/fd/9", "/dev/full");
	tree_file(world->host->root_fd, "sys/bus/pci/devices/" A "/sound/card1/controlC1/dev",
		  "1:7\n");
}

/* The plan found it free; since then somebody has come, who is waited for and then named. */
static void a_shut_gate_stops_the_run(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hold_node(world);
	create(world, GATE("free") UNBIND(A));
	assert_int_equal(execution_run(&world->execution, &err), -EBUSY);
	assert_contains(err.text, "process 812 (mpv) holds /dev/snd/controlC1");
	assert_journal(world, GATE("free") UNBIND(A), "begun 1\n");
	assert_int_equal(testhost_operations(world->host), 0);
	undo_well(world);
	assert_journal(world, GATE("free") UNBIND(A), "begun 1\nreturning\nundone 1\n");
	assert_contains(world->events.data, "undo holders " A " undone: a gate");
}

/* What is left of the run's time is all that it gets, so that it still tells who is in the way. */
static void a_gate_waits_no_longer_than_there_is_time(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hold_node(world);
	create(world, LONG_GATE UNBIND(A));
	world->execution.deadline_ms = host_now_ms() + 3000;
	assert_int_equal(execution_run(&world->execution, &err), -EBUSY);
	assert_contains(err.text, "process 812 (mpv) holds /dev/snd/controlC1");
	assert_true(host_now_ms() < world->execution.deadline_ms);
	assert_int_equal(testhost_operations(world->host), 0);
}

/* A look that hangs is ended, and nothing of it is left in the kernel. */
static void a_gate_that_hangs_is_cut_off(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	tree_remove(world->host->root_fd, "proc/812/maps");
	assert_int_equal(mkfifoat(world->host->root_fd, "proc/812/maps", 0600), 0);
	create(world, LONG_GATE UNBIND(A));
	world->execution.deadline_ms = host_now_ms() + 1500;
	assert_int_equal(execution_run(&world->execution, &err), -ETIME);
	assert_contains(err.text, "too busy to see in time that nobody holds " A);
	assert_false(execution_is_stuck(&world->execution));
	assert_int_equal(testhost_operations(world->host), 0);
	world->execution.deadline_ms = 0;
	undo_well(world);
	assert_journal(world, LONG_GATE UNBIND(A), "begun 1\nreturning\nundone 1\n");
}

/* Nobody stops what is not there any more, and nothing of it is put back. */
static void what_is_gone_has_been_let_go(void **state)
{
	static const char steps[] =
		UNIT("gone.service") "step vtconsole vtcon7 bound -> unbound # gone\n"
				     "step framebuffer efi-framebuffer.0 efi-framebuffer -> none # "
				     "gone\n"
				     "step udev c9:9 known -> withdrawn # gone\n";
	struct world *world = *state;

	create(world, steps);
	run_well(world);
	assert_journal(world, steps, "skipped 1\nskipped 2\nskipped 3\nskipped 4\n");
	assert_int_equal(testhost_operations(world->host), 0);
}

static void what_is_gone_when_it_is_to_come_back_is_told(void **state)
{
	struct world *world = *state;

	create(world, CONSOLE);
	run_well(world);
	tree_remove(world->host->root_fd, "sys/class/vtconsole/vtcon1");
	undo_well(world);
	assert_text(world->events.data, "vtconsole vtcon1 done\n"
					"undo vtconsole vtcon1 undone: vtcon1 is gone\n");
}

/* An answer, though it be of time that was over: nothing is left in the kernel by that. */
static void a_worker_that_reports_a_timeout_is_not_stuck(void **state)
{
	struct world *world = *state;
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "dm.service", .code = ETIMEDOUT};
	struct error err = ERROR_INIT;

	create(world, UNIT("dm.service"));
	testhost_script(world->host, &fault);
	assert_int_equal(execution_run(&world->execution, &err), -ETIMEDOUT);
	assert_contains(err.text, "dm.service");
	assert_false(execution_is_stuck(&world->execution));
	testhost_script(world->host, NULL);
	undo_well(world);
	assert_journal(world, UNIT("dm.service"), "begun 1\nreturning\nundone 1\n");
}

/*
 * Systemd may still have the stop in its queue, and udev the event, when their time is over: what
 * is sent behind it has the last word.
 */
static void what_was_asked_for_is_taken_back(void **state)
{
	static const char steps[] =
		UNIT("dm.service") "step udev c116:7 known -> withdrawn # let go\n";
	struct world *world = *state;
	struct fault fault = {.kind = FAULT_FAIL, .at = FAULT_ANY, .code = EIO};
	struct error err = ERROR_INIT;
	auto_free char *log = NULL;

	create(world, steps);
	fault.path = "uevent";
	testhost_script(world->host, &fault);
	assert_int_equal(execution_run(&world->execution, &err), -EIO);
	testhost_script(world->host, NULL);
	undo_well(world);
	log = testhost_log(world->host);
	assert_contains(log, "/uevent add\nunit dm.service start\n");
	assert_journal(world, steps, "begun 1\ndone 1\nbegun 2\nreturning\nundone 2\nundone 1\n");
}

static void a_stop_that_failed_is_taken_back(void **state)
{
	struct world *world = *state;
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "dm.service", .code = ETIMEDOUT};
	struct error err = ERROR_INIT;
	auto_free char *log = NULL;

	create(world, UNIT("dm.service"));
	testhost_script(world->host, &fault);
	assert_int_equal(execution_run(&world->execution, &err), -ETIMEDOUT);
	testhost_script(world->host, NULL);
	undo_well(world);
	log = testhost_log(world->host);
	assert_contains(log, "unit dm.service start\n");
}

/* A service that requires its own socket stops along with it: it comes back all the same. */
static void what_stopped_along_is_started_again(void **state)
{
	static const char steps[] = UNIT("foo.socket") UNIT("foo.service");
	struct world *world = *state;
	auto_free char *log = NULL;

	create(world, steps);
	run_well(world);
	assert_journal(world, steps, "begun 1\ndone 1\ndone 2\n");
	undo_well(world);
	assert_contains(world->events.data, "undo unit foo.service undone\n"
					    "undo unit foo.socket undone\n");
	log = testhost_log(world->host);
	assert_text(log, "unit foo.socket stop\nunit foo.service start\nunit foo.socket start\n");
}

/* It stopped by itself since the plan was made, or a user's manager ended it: not our doing. */
static void what_stopped_by_itself_stays(void **state)
{
	static const char steps[] =
		UNIT("idle.service") UNIT("dm.service") UNIT("1000/late.service");
	struct world *world = *state;

	create(world, steps);
	run_well(world);
	assert_journal(world, steps, "skipped 1\nbegun 2\ndone 2\nskipped 3\n");
}

/* A console needs the framebuffer of a card that has not come home; a unit does not wait for it. */
static void consoles_wait_for_the_drivers_and_units_do_not(void **state)
{
	struct world *world = *state;
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "e1000e/bind", .code = EIO};
	struct error err = ERROR_INIT;

	create(world, UNIT("dm.service") CONSOLE UNBIND(A) BIND(A));
	run_well(world);
	testhost_script(world->host, &fault);
	assert_int_equal(execution_undo(&world->execution, &err), -EIO);
	assert_journal(world, UNIT("dm.service") CONSOLE UNBIND(A) BIND(A),
		       "begun 1\ndone 1\nbegun 2\ndone 2\nbegun 3\ndone 3\nbegun 4\ndone 4\n"
		       "returning\nundone 4\nundone 1\n");
	testhost_script(world->host, NULL);
	undo_well(world);
	assert_journal(world, UNIT("dm.service") CONSOLE UNBIND(A) BIND(A),
		       "begun 1\ndone 1\nbegun 2\ndone 2\nbegun 3\ndone 3\nbegun 4\ndone 4\n"
		       "returning\nundone 4\nundone 1\nundone 3\nundone 2\n");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_open_gate_is_passed),
		test(a_shut_gate_stops_the_run),
		test(a_gate_waits_no_longer_than_there_is_time),
		test(a_gate_that_hangs_is_cut_off),
		test(what_is_gone_has_been_let_go),
		test(what_is_gone_when_it_is_to_come_back_is_told),
		test(a_worker_that_reports_a_timeout_is_not_stuck),
		test(what_was_asked_for_is_taken_back),
		test(a_stop_that_failed_is_taken_back),
		test(what_stopped_along_is_started_again),
		test(what_stopped_by_itself_stays),
		test(consoles_wait_for_the_drivers_and_units_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
