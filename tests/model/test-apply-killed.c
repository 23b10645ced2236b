// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process that ends in the midst of applying, or of taking back: the next one says so, and an
 * undo brings everything back.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "state/setups.h"
#include "tests/host/tree.h"
#include "tests/model/setup-pairs.h"
#include "tests/model/setup-programs.h"

/* Every so many calls, beginning elsewhere in each pair: 1 for all of them takes minutes. */
#define STRIDE 17

static void must_be_back(struct world *world, int at)
{
	auto_free char *said = NULL, *files = NULL, *records = NULL;
	int status = world_undo(world, NULL);

	said = world_said(world);
	files = world_files(world);
	if (status != COMMAND_DONE || strcmp(files, world->first) != 0)
		print_error("struck at %d: %s\n", at, said);
	assert_int_equal(status, COMMAND_DONE);
	assert_text(files, world->first);
	records = world_records(world);
	assert_text(records, "");
}

/* Whoever is killed before it has begun, or when all was done, leaves nothing that must be told. */
static void next_one_says_so(struct world *world, enum world_wish wish, int number)
{
	auto_free char *name = xasprintf("var/lib/hostdev-hook/generate/%d.setup", number);
	auto_free char *said = NULL, *record = tree_read(world->machine->root_fd, name);

	if (!record || (strstr(record, "\napplied") && !strstr(record, "\nundoing")))
		return;
	assert_int_equal(world_generate(world, wish, NULL), COMMAND_FAILED);
	said = world_said(world);
	assert_contains(said, "unfinished: ");
}

static void killed_applying(const struct pair *pair, int kind, int at)
{
	const struct strike strike = {.kind = kind, .at = at};
	auto_world struct world *world = pair_begin(pair);

	assert_int_equal(world_generate(world, pair->wish, &strike), WORLD_KILLED);
	next_one_says_so(world, pair->wish, pair->first < 0 ? 1 : 2);
	must_be_back(world, at);
}

static void death_at_an_action_is_undone(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int actions = pair_count(&pairs[i], world_actions, false);

		for (int at = 0; at < actions; at++)
			killed_applying(&pairs[i],
					at % 2 ? STRIKE_ACTION_KILLS : STRIKE_ACTION_KILLS_AFTER,
					at);
	}
}

/* A package that came before the undo has built images and menu of what was there by then. */
static void what_others_have_built_since_the_death_is_built_anew(void **state)
{
	const struct pair pair = {WORLD_GRUB, -1, WISH_MENU};
	int actions = pair_count(&pair, world_actions, false);

	(void)state;
	for (int at = 0; at < actions; at++) {
		const struct strike strike = {.kind = STRIKE_ACTION_KILLS, .at = at};
		auto_world struct world *world = pair_begin(&pair);

		assert_int_equal(world_generate(world, pair.wish, &strike), WORLD_KILLED);
		programs_build(world);
		must_be_back(world, at);
	}
}

/* The record's lines among them, and half of one. */
static void death_at_a_call_is_undone(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int calls = pair_count(&pairs[i], world_calls, false);

		for (int at = (int)i; at < calls; at += STRIDE)
			killed_applying(&pairs[i], STRIKE_CALL_KILLS, at);
	}
}

/* --- where a plugin of others changes entries, whenever kernel-install runs --- */

#define BASE "var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_BASE

static struct world *begin_beside(const struct pair *pair, const char *plugin)
{
	bool derives = strstr(plugin, "derives");
	struct world *world = world_new(pair->kind);
	int root = world->machine->root_fd;

	if (derives) {
		auto_free char *cmdline = tree_read(root, "etc/kernel/cmdline");

		tree_file(root, OTHER_PLUGIN, "derives\n");
		if (!cmdline)
			tree_file(root, "etc/kernel/cmdline", "root=UUID=1 ro quiet\n");
		programs_add_kernel(world, OLDER);
		programs_add_kernel(world, KERNEL);
		if (!cmdline)
			tree_remove(root, "etc/kernel/cmdline");
	}
	if (pair->first >= 0)
		assert_int_equal(world_generate(world, (enum world_wish)pair->first, NULL),
				 COMMAND_DONE);
	tree_file(root, OTHER_PLUGIN, "%s\n", plugin);
	return world;
}

/* Its files as they were but for the plugin itself, which the test changes. */
static char *entries_of(const struct world *world)
{
	auto_text struct text entries = TEXT_INIT;

	text_append(&entries, "", 0);
	tree_list(world->machine->root_fd, ENTRIES, &entries);
	return steal(&entries.data);
}

/* Who has changed it nobody knows: it stays, and is named. */
static void other_is_home_or_named(const struct world *first, const struct world *world,
				   const char *said, const char *name)
{
	auto_free char *path = xasprintf(ENTRIES "/%s", name);
	auto_free char *expected = tree_read(first->machine->root_fd, path);
	auto_free char *now = tree_read(world->machine->root_fd, path);
	auto_free char *note = xasprintf("/%s: it was written meanwhile", path);

	if (!text_equal(now, expected))
		assert_contains(said, note);
	tree_remove(first->machine->root_fd, path);
	tree_remove(world->machine->root_fd, path);
}

static void others_are_home_or_named(const struct world *first, const struct world *world,
				     const char *said)
{
	static const char *const kernels[] = {OLDER, KERNEL};
	auto_free char *token = programs_token(world->machine->root_fd);

	other_is_home_or_named(first, world, said, "windows.conf");
	for (size_t i = 0; i < 2; i++) {
		auto_free char *name = xasprintf("%s-%s-other.conf", token, kernels[i]);

		other_is_home_or_named(first, world, said, name);
	}
}

static void killed_beside(const struct pair *pair, const char *plugin, int at, bool undo_too)
{
	const struct strike strike = {
		.kind = at / 2 % 2 ? STRIKE_ACTION_KILLS : STRIKE_ACTION_KILLS_AFTER, .at = at};
	auto_world struct world *first =
		begin_beside(&(struct pair){pair->kind, -1, pair->wish}, plugin);
	auto_world struct world *world = begin_beside(pair, plugin);
	auto_free char *expected = NULL, *now = NULL, *records = NULL, *said = NULL;
	auto_free char *once = NULL, *again = NULL;
	int status = world_generate(world, pair->wish, &strike);

	if (status != WORLD_KILLED)
		return;
	/* Nothing of it was begun before: that is an undo as any other. */
	if (pair->first >= 0 && !tree_exists(world->machine->root_fd, BASE))
		return;
	if (undo_too)
		status = world_undo(world, &strike);
	once = world_said(world);
	if (status == WORLD_KILLED)
		status = world_undo(world, NULL);
	assert_int_equal(status, COMMAND_DONE);
	again = world_said(world);
	said = xasprintf("%s%s", once, again);
	others_are_home_or_named(first, world, said);
	expected = entries_of(first);
	now = entries_of(world);
	if (strcmp(now, expected) != 0)
		print_error("%s, struck at %d\n", plugin, at);
	assert_text(now, expected);
	records = world_records(world);
	assert_text(records, "");
}

static int actions_beside(const struct pair *pair, const char *plugin)
{
	auto_world struct world *world = begin_beside(pair, plugin);

	world_generate(world, pair->wish, NULL);
	return world_actions(world);
}

static void what_plugins_of_others_have_changed_is_named(void **state)
{
	static const char *const plugins[] = {"steady meddles", "derives meddles",
					      "steady appends"};

	(void)state;
	for (size_t i = 0; i < PAIRS * 3; i++) {
		const struct pair *pair = &pairs[i / 3];
		int actions;

		if (pair->kind != WORLD_ENTRIES && pair->kind != WORLD_ENTRIES_BARE)
			continue;
		actions = actions_beside(pair, plugins[i % 3]);
		for (int at = (int)i % 2; at < actions; at += 2)
			killed_beside(pair, plugins[i % 3], at, at % 3 == 0);
	}
}

static void killed_undoing(const struct pair *pair, int kind, int at)
{
	const struct strike strike = {.kind = kind, .at = at};
	auto_world struct world *world = pair_begin(pair);

	assert_int_equal(world_generate(world, pair->wish, NULL), COMMAND_DONE);
	assert_int_equal(world_undo(world, &strike), WORLD_KILLED);
	must_be_back(world, at);
}

static void death_of_an_undo_is_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int calls = pair_count(&pairs[i], world_calls, true);

		for (int at = (int)i; at < calls; at += STRIDE)
			killed_undoing(&pairs[i], STRIKE_CALL_KILLS, at);
	}
}

/* Every record that is there says that it is being taken back. */
static void all_are_marked(struct world *world)
{
	static const char *const names[] = {"1.setup", "2.setup", "3.setup"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_free char *path = xasprintf("var/lib/" SETUPS_DIR "/%s", names[i]);
		auto_free char *record = tree_read(world->machine->root_fd, path);

		if (record)
			assert_contains(record, "\nundoing");
	}
}

static struct world *begin_two(void)
{
	struct world *world = pair_begin(&(struct pair){WORLD_GRUB, WISH_MENU, WISH_STATIC});

	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	return world;
}

/*
 * The first set-up is whole until the second is taken back. Whoever is killed by then, or between
 * the two, must not leave it as one that somebody wants.
 */
static void none_of_two_passes_for_whole_once_the_undo_has_begun(void **state)
{
	auto_world struct world *whole = begin_two();
	int actions;

	(void)state;
	assert_int_equal(world_undo(whole, NULL), COMMAND_DONE);
	actions = world_actions(whole);
	assert_true(actions > 4);
	for (int at = 0; at < actions; at++) {
		const struct strike strike = {.kind = STRIKE_ACTION_KILLS, .at = at};
		auto_world struct world *world = begin_two();

		assert_int_equal(world_undo(world, &strike), WORLD_KILLED);
		all_are_marked(world);
		next_one_says_so(world, WISH_MENU, 1);
		must_be_back(world, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(death_at_an_action_is_undone),
		cmocka_unit_test(what_others_have_built_since_the_death_is_built_anew),
		cmocka_unit_test(death_at_a_call_is_undone),
		cmocka_unit_test(what_plugins_of_others_have_changed_is_named),
		cmocka_unit_test(death_of_an_undo_is_no_harm),
		cmocka_unit_test(none_of_two_passes_for_whole_once_the_undo_has_begun),
	};

	return cmocka_run_group_tests_name("apply-killed", tests, NULL, NULL);
}
