// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plans of one, two and eight devices in which every kind of step occurs, as the planner makes
 * them: whichever operation fails, or is the hook's last one, everything but the processes is as it
 * was in the end.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/host/clock.h"
#include "tests/host/lending.h"
#include "tests/model/kinds.h"

struct setting {
	const char *host, *guest;
	size_t devices;
	int stride; /* every which operation is tried; EVERY_OPERATION=1: all */
};

static struct setting one = {KINDS_HOST_1, KINDS_GUEST_1, 1, 2};
static struct setting two = {KINDS_HOST_2, KINDS_GUEST_2, 2, 5};
static struct setting eight = {KINDS_HOST_8, KINDS_GUEST_8, 8, 11};

struct world {
	struct testhost *host;
	struct guest guest;
	char *before;
};

static struct world world_make(const struct setting *setting)
{
	struct world world = {
		.host = testhost_new(setting->host),
		.guest = guest_make(setting->guest),
	};

	world.before = testhost_tree(world.host);
	clock_watch(NULL);
	return world;
}

static void world_done(struct world *world)
{
	testhost_free(&world->host);
	guest_done(&world->guest);
	free(world->before);
}

#define auto_world cleanup(world_done)

static void assert_untouched(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);
	auto_free char *journal = lending_journal(world->host);

	assert_text(now, world->before);
	assert_null(journal);
}

static void lend(struct world *world)
{
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
}

static void give_back(struct world *world)
{
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_return(world->host, &err), &err);
}

static int count_operations(const struct setting *setting, bool of_return)
{
	auto_world struct world world = world_make(setting);
	int count;

	lend(&world);
	count = testhost_operations(world.host);
	if (of_return) {
		give_back(&world);
		count = testhost_operations(world.host);
	}
	assert_true(count > 4);
	return count;
}

static void the_plan_has_every_kind(void **state)
{
	const struct setting *setting = *state;
	auto_world struct world world = world_make(setting);
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;
	bool seen[STEP_LEND_KINDS] = {false};

	assert_ok(lending_plan(world.host, &world.guest, &snapshot, &plan, &err), &err);
	assert_int_equal(plan.refusal_count, 0);
	assert_int_equal(plan.claim_count, setting->devices);
	for (size_t i = 0; i < plan.step_count; i++)
		seen[plan.steps[i].kind] = true;
	for (int kind = 0; kind < STEP_LEND_KINDS; kind++)
		if (!seen[kind])
			fail_msg("no step of kind \"%s\"", step_kind_name((enum step_kind)kind));
	lend(&world);
	give_back(&world);
	assert_untouched(&world);
}

static void a_failing_operation_is_undone(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, false);

	for (int at = 0; at < count; at += setting->stride) {
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};
		auto_world struct world world = world_make(setting);
		struct error err = ERROR_INIT;

		testhost_script(world.host, &fault);
		assert_int_equal(lending_lend(world.host, &world.guest, &err), -EIO);
		assert_untouched(&world);
	}
}

static void lend_dies(const struct setting *setting, enum fault_kind kind, int first)
{
	int count = count_operations(setting, false);

	for (int at = first % setting->stride; at < count; at += setting->stride) {
		struct fault fault = {.kind = kind, .at = at};
		auto_world struct world world = world_make(setting);

		testhost_script(world.host, &fault);
		assert_true(WIFSIGNALED(lending_lend_process(world.host, &world.guest)));
		give_back(&world);
		assert_untouched(&world);
	}
}

static void death_before_an_operation_is_undone(void **state)
{
	lend_dies(*state, FAULT_DIE_BEFORE, 1);
}

static void death_after_an_operation_is_undone(void **state)
{
	lend_dies(*state, FAULT_DIE_AFTER, 2);
}

static void a_return_that_died_is_finished_by_the_next(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, true);

	for (int at = 0; at < count; at += setting->stride) {
		struct fault fault = {.at = at};
		auto_world struct world world = world_make(setting);

		fault.kind = at / setting->stride % 2 ? FAULT_DIE_BEFORE : FAULT_DIE_AFTER;
		lend(&world);
		testhost_script(world.host, &fault);
		assert_true(WIFSIGNALED(lending_return_process(world.host)));
		give_back(&world);
		assert_untouched(&world);
	}
}

static void a_return_that_failed_is_finished_by_the_next(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, true);

	for (int at = 1 % setting->stride; at < count; at += setting->stride) {
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};
		auto_world struct world world = world_make(setting);
		struct error err = ERROR_INIT;

		lend(&world);
		testhost_script(world.host, &fault);
		lending_return(world.host, &err);
		give_back(&world);
		assert_untouched(&world);
	}
}

#define on(test, at)                                                                               \
	{                                                                                          \
		.name = #test "(" #at ")", .test_func = (test), .initial_state = &(at)             \
	}
#define everywhere(test) on(test, one), on(test, two), on(test, eight)

int main(void)
{
	struct setting *settings[] = {&one, &two, &eight};
	const struct CMUnitTest tests[] = {
		everywhere(the_plan_has_every_kind),
		everywhere(a_failing_operation_is_undone),
		everywhere(death_before_an_operation_is_undone),
		everywhere(death_after_an_operation_is_undone),
		everywhere(a_return_that_died_is_finished_by_the_next),
		everywhere(a_return_that_failed_is_finished_by_the_next),
	};

	for (size_t i = 0; getenv("EVERY_OPERATION") && i < 3; i++)
		settings[i]->stride = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
