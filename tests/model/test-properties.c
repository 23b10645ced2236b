// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must hold whatever goes wrong, and wherever: the operations of a lend and of a return are
 * counted on a good day, and each of them is then made to fail, or to be the last one.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "model/journal.h"
#include "tests/host/lending.h"
#include "tests/model/machines.h"

struct setting {
	const char *host, *guest;
	int stride; /* every which operation is tried; EVERY_OPERATION=1 makes it 1 */
};

/* Where not all are tried, the properties try different ones. */
static int stagger(const struct setting *setting, int by)
{
	return setting->stride > by ? by : 0;
}

static struct setting nic = {NIC_HOST, NIC_GUEST, 1};
static struct setting gpu = {GPU_HOST, GPU_GUEST, 1};
static struct setting vmd = {VMD_HOST, VMD_GUEST, 1};
static struct setting server = {SERVER_HOST, SERVER_GUEST, 5};

/* A machine at its start, its tree then, and the guest. */
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

/* How many operations a lend takes, or the return after it. */
static int count_operations(const struct setting *setting, bool of_return)
{
	auto_world struct world world = world_make(setting);
	int count;

	lend(&world);
	count = testhost_operations(world.host);
	if (!of_return)
		return count;
	give_back(&world);
	return testhost_operations(world.host);
}

static void lend_and_return_change_nothing(void **state)
{
	auto_world struct world world = world_make(*state);
	auto_free char *lent = NULL;

	for (int round = 0; round < 3; round++) {
		lend(&world);
		lent = testhost_tree(world.host);
		assert_string_not_equal(lent, world.before);
		cleanup_free(&lent);
		lent = NULL;
		give_back(&world);
		assert_untouched(&world);
	}
}

static void a_plan_on_the_after_state_is_empty(void **state)
{
	auto_world struct world world = world_make(*state);
	auto_free char *plan = NULL;

	lend(&world);
	plan = lending_plan_text(world.host, &world.guest);
	assert_text(plan, "");
}

static void a_second_return_has_nothing_to_do(void **state)
{
	auto_world struct world world = world_make(*state);

	lend(&world);
	give_back(&world);
	give_back(&world);
	assert_int_equal(testhost_operations(world.host), 0);
	assert_untouched(&world);
}

static void a_failing_operation_is_undone(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, false);

	assert_true(count > 2);
	for (int at = setting->stride / 2; at < count; at += setting->stride) {
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};
		auto_world struct world world = world_make(setting);
		struct error err = ERROR_INIT;

		testhost_script(world.host, &fault);
		assert_int_equal(lending_lend(world.host, &world.guest, &err), -EIO);
		assert_contains(err.text, "Input/output error");
		assert_untouched(&world);
	}
}

/* The kernel says "done" and has done nothing. */
static void an_operation_without_effect_is_undone(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, false);

	for (int at = stagger(setting, 4); at < count; at += setting->stride) {
		struct fault fault = {.kind = FAULT_WITHOUT_ACT, .at = at};
		auto_world struct world world = world_make(setting);
		struct error err = ERROR_INIT;

		testhost_script(world.host, &fault);
		assert_true(lending_lend(world.host, &world.guest, &err) < 0);
		assert_untouched(&world);
	}
}

static void lend_dies(const struct setting *setting, enum fault_kind kind, int first)
{
	int count = count_operations(setting, false);

	for (int at = first; at < count; at += setting->stride) {
		struct fault fault = {.kind = kind, .at = at};
		auto_world struct world world = world_make(setting);

		testhost_script(world.host, &fault);
		assert_true(WIFSIGNALED(lending_lend_process(world.host, &world.guest)));
		testhost_script(world.host, NULL);
		assert_int_equal(lending_return_process(world.host), 0);
		assert_untouched(&world);
	}
}

static void death_before_an_operation_is_undone(void **state)
{
	lend_dies(*state, FAULT_DIE_BEFORE, 0);
}

static void death_after_an_operation_is_undone(void **state)
{
	lend_dies(*state, FAULT_DIE_AFTER, stagger(*state, 1));
}

static void death_of_the_parent_alone_is_undone(void **state)
{
	lend_dies(*state, FAULT_ORPHAN, stagger(*state, 3));
}

static void return_dies(const struct setting *setting, enum fault_kind kind, int first)
{
	int count = count_operations(setting, true);

	assert_true(count > 2);
	for (int at = first; at < count; at += setting->stride) {
		struct fault fault = {.kind = kind, .at = at};
		auto_world struct world world = world_make(setting);

		lend(&world);
		testhost_script(world.host, &fault);
		assert_true(WIFSIGNALED(lending_return_process(world.host)));
		testhost_script(world.host, NULL);
		assert_int_equal(lending_return_process(world.host), 0);
		assert_untouched(&world);
	}
}

static void a_return_that_died_is_finished_by_the_next(void **state)
{
	const struct setting *setting = *state;

	return_dies(setting, FAULT_DIE_BEFORE, 0);
	return_dies(setting, FAULT_DIE_AFTER, stagger(setting, 2));
}

static void a_return_that_failed_is_finished_by_the_next(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, true);

	for (int at = 0; at < count; at += setting->stride) {
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};
		auto_world struct world world = world_make(setting);
		auto_free char *journal = NULL;
		struct error err = ERROR_INIT;

		lend(&world);
		testhost_script(world.host, &fault);
		assert_int_equal(lending_return(world.host, &err), -EIO);
		journal = lending_journal(world.host);
		assert_non_null(journal);
		give_back(&world);
		assert_untouched(&world);
	}
}

static void journals_are_decoded_as_encoded(void **state)
{
	auto_world struct world world = world_make(*state);
	auto_free char *text = NULL;
	auto_text struct text again = TEXT_INIT;
	auto_journal struct journal journal = {0}, twin = {0};
	auto_text struct text third = TEXT_INIT;
	struct error err = ERROR_INIT;

	lend(&world);
	text = lending_journal(world.host);
	assert_ok(journal_parse(text, strlen(text), &journal, &err), &err);
	journal_format(&journal, &again);
	assert_ok(journal_parse(again.data, again.length, &twin, &err), &err);
	journal_format(&twin, &third);
	assert_text(third.data, again.data);
	assert_int_equal(journal.step_count, twin.step_count);
	assert_memory_equal(journal.marks, twin.marks, journal.step_count * sizeof(*twin.marks));
}

#define on(test, at)                                                                               \
	{                                                                                          \
		.name = #test "(" #at ")", .test_func = (test), .initial_state = &(at)             \
	}
#define everywhere(test) on(test, nic), on(test, gpu), on(test, vmd), on(test, server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		everywhere(lend_and_return_change_nothing),
		everywhere(a_plan_on_the_after_state_is_empty),
		everywhere(a_second_return_has_nothing_to_do),
		everywhere(journals_are_decoded_as_encoded),
		everywhere(a_failing_operation_is_undone),
		everywhere(an_operation_without_effect_is_undone),
		everywhere(death_before_an_operation_is_undone),
		everywhere(death_after_an_operation_is_undone),
		everywhere(death_of_the_parent_alone_is_undone),
		everywhere(a_return_that_died_is_finished_by_the_next),
		everywhere(a_return_that_failed_is_finished_by_the_next),
	};

	if (getenv("EVERY_OPERATION"))
		server.stride = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
