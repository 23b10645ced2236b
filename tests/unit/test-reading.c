// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cells read all at once: what came back counts, whatever became of the others.
 */
#include "tests/unit/execute-helpers.h"

#include <errno.h>

#include "actions/job.h"
#include "base/worker.h"

#define C "0000:03:00.0"

static const char host_text[] = "device 0000:01:00.0 8086:10d3 group=1 driver=e1000e\n"
				"device 0000:02:00.0 8086:10d3 group=2 driver=e1000e\n"
				"device 0000:03:00.0 8086:10d3 group=3 driver=e1000e\n"
				"driver vfio-pci module=vfio-pci\n"
				"dir run/hostdev-hook\n";

#define STEPS UNBIND(A) POWER(A, "on") UNBIND(B) UNBIND(C)
#define STEP_COUNT 4

static int fresh(void **state)
{
	int ret = world_new(state, host_text);

	create(*state, STEPS);
	return ret;
}

static int done(void **state)
{
	workers_dismiss();
	return world_end(state);
}

static struct reading readings[STEP_COUNT];

static void read_all(struct world *world)
{
	memset(readings, 0, sizeof(readings));
	for (size_t i = 0; i < STEP_COUNT; i++)
		readings[i].index = i;
	readings_run(&world->execution, readings, STEP_COUNT);
}

static void assert_read(size_t index, const char *value)
{
	assert_ok(readings[index].result, &readings[index].error);
	assert_text(readings[index].value, value);
}

static void each_has_its_own_value(void **state)
{
	struct world *world = *state;

	testhost_rebind(world->host, B, NULL);
	read_all(world);
	assert_read(0, "e1000e");
	assert_read(1, "on,d3cold=1");
	assert_read(2, "none");
	assert_read(3, "e1000e");
}

static void a_failure_is_its_own(void **state)
{
	struct world *world = *state;

	testhost_vanish(world->host, B);
	read_all(world);
	assert_read(0, "e1000e");
	assert_int_equal(readings[2].result, -ENODEV);
	assert_contains(readings[2].error.text, B);
	assert_read(3, "e1000e");
}

static void one_that_does_not_come_back_is_no_matter_to_others(void **state)
{
	struct world *world = *state;
	uint64_t started_ms = host_now_ms();

	block_reading(world, B);
	world->execution.deadline_ms = started_ms + 1500;
	read_all(world);
	assert_uint_in_range(host_now_ms() - started_ms, 500, 15000);
	assert_read(0, "e1000e");
	assert_read(1, "on,d3cold=1");
	assert_int_equal(readings[2].result, -ETIMEDOUT);
	assert_contains(readings[2].error.text, "has not answered");
	assert_read(3, "e1000e");
}

static void nothing_to_read_is_no_work(void **state)
{
	struct world *world = *state;

	readings_run(&world->execution, readings, 0);
	assert_int_equal(testhost_operations(world->host), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_has_its_own_value),
		test(a_failure_is_its_own),
		test(one_that_does_not_come_back_is_no_matter_to_others),
		test(nothing_to_read_is_no_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
