// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An undo of which one thing fails, whichever: the same once more brings everything back.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/model/setup-pairs.h"

/* Every so many calls, beginning elsewhere in each pair: 1 for all of them takes minutes. */
#define STRIDE 13

/* What could not be taken back at first is, as soon as it can be. */
static void undo_again(const struct pair *pair, int kind, int at)
{
	const struct strike strike = {kind, at, EIO, NULL};
	auto_world struct world *world = pair_begin(pair);
	auto_free char *said = NULL, *files = NULL, *records = NULL;
	int status;

	assert_int_equal(world_generate(world, pair->wish, NULL), COMMAND_DONE);
	status = world_undo(world, &strike);
	said = world_said(world);
	if (status != COMMAND_DONE)
		assert_contains(said, "Input/output error");
	status = world_undo(world, NULL);
	files = world_files(world);
	if (status != COMMAND_DONE || strcmp(files, world->first) != 0) {
		auto_free char *again = world_said(world);

		print_error("struck at %d: %s\n%s\n", at, said, again);
	}
	assert_int_equal(status, COMMAND_DONE);
	assert_text(files, world->first);
	records = world_records(world);
	assert_text(records, "");
}

static void a_failing_action_of_an_undo_is_done_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int actions = pair_count(&pairs[i], world_actions, true);

		for (int at = 0; at < actions; at++)
			undo_again(&pairs[i], STRIKE_ACTION_FAILS, at);
	}
}

static void a_failing_call_of_an_undo_is_done_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int calls = pair_count(&pairs[i], world_calls, true);

		for (int at = (int)i; at < calls; at += STRIDE)
			undo_again(&pairs[i], STRIKE_CALL_FAILS, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failing_action_of_an_undo_is_done_again),
		cmocka_unit_test(a_failing_call_of_an_undo_is_done_again),
	};

	return cmocka_run_group_tests_name("apply-again", tests, NULL, NULL);
}
