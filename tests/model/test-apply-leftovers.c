// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The records of set-ups are lost and their files are not, as where /var is in no snapshot: that is
 * said, nothing is built on it, and an undo takes the files back all the same.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/leftovers.h"
#include "hostdevctl/command.h"
#include "state/setups.h"
#include "tests/host/tree.h"
#include "tests/model/setup-calls.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-world.h"

#define WHY "no record in /var/lib/hostdev-hook/generate tells of "

static void lose_records(const struct world *world)
{
	tree_remove(world->machine->root_fd, "var/lib/hostdev-hook");
}

/*
 * A host on which nothing is there before that only a record would tell of: directories that others
 * may have made, and what kernel-install does not write into an entry.
 */
static struct world *plain_world(enum world_kind kind)
{
	struct world *world = world_new(kind);
	int root = world->machine->root_fd;

	if (world_has_grub(world)) {
		tree_dir(root, "etc/default/grub.d");
	} else {
		tree_dir(root, "etc/kernel/install.d");
		programs_add_kernel(world, KERNEL);
	}
	free(world->first);
	world->first = world_files(world);
	return world;
}

/* Files that set-ups edit: their times, and a last newline that was not there, are lost. */
static char *without_edited(const char *files)
{
	auto_free char *copy = xstrdup(files);
	auto_text struct text out = TEXT_INIT;
	char *at = copy, *line;

	while ((line = strsep(&at, "\n")))
		if (!text_starts(line, "./etc/default/grub ") &&
		    !text_starts(line, "./etc/kernel/cmdline "))
			text_printf(&out, "%s\n", line);
	return steal(&out.data);
}

static void assert_first(const struct world *world)
{
	auto_free char *files = world_files(world);
	auto_free char *others = without_edited(files), *first = without_edited(world->first);
	auto_free char *records = world_records(world);

	assert_text(others, first);
	assert_text(records, "");
}

/* --- lost, and taken back --- */

static void lost(enum world_kind kind, enum world_wish wish)
{
	auto_world struct world *world = plain_world(kind);
	auto_free char *applied = NULL;

	generate(world, wish, COMMAND_DONE);
	lose_records(world);
	applied = world_files(world);
	generate(world, wish, COMMAND_FAILED);
	assert_said(world, WHY);
	assert_said(world, "\"hostdevctl generate undo --apply\"");
	generate(world, WISH_OTHER_WORDS, COMMAND_FAILED);
	assert_files(world, applied);
	undo(world, COMMAND_DONE);
	assert_said(world, "changed: yes");
	assert_first(world);
	undo(world, COMMAND_DONE);
	assert_said(world, "changed: no");
	generate(world, WISH_OTHER_WORDS, COMMAND_DONE);
	undo(world, COMMAND_DONE);
	assert_first(world);
}

static void what_no_record_tells_of_is_taken_back(void **state)
{
	static const enum world_kind kinds[] = {WORLD_GRUB, WORLD_GRUB_OLD, WORLD_ENTRIES};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (enum world_wish wish = WISH_STATIC; wish < WISH_IOMMU; wish++)
			if (world_takes(kinds[i], wish))
				lost(kinds[i], wish);
}

static void what_was_edited_stays_as_far_as_it_is_known(void **state)
{
	auto_world struct world *world = plain_world(WORLD_GRUB_OLD);
	auto_free char *defaults = tree_read(world->machine->root_fd, "etc/default/grub");
	auto_free char *then = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	lose_records(world);
	undo(world, COMMAND_DONE);
	then = tree_read(world->machine->root_fd, "etc/default/grub");
	assert_text(then, defaults);
}

static void lines_of_people_in_a_file_of_ours_stay(void **state)
{
	auto_world struct world *world = plain_world(WORLD_GRUB);
	auto_free char *text = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	lose_records(world);
	world_edit(world, "etc/default/grub.d/zz-hostdev-hook.cfg", "# Run",
		   "GRUB_TIMEOUT=10\n# Run");
	undo(world, COMMAND_DONE);
	assert_said(world, "it was edited since");
	text = tree_read(world->machine->root_fd, "etc/default/grub.d/zz-hostdev-hook.cfg");
	assert_text(text, "GRUB_TIMEOUT=10");
	/* That is theirs. */
	generate(world, WISH_CONF, COMMAND_DONE);
}

/* As where /etc alone was brought back. */
static void entries_that_are_left_alone_go(void **state)
{
	auto_world struct world *world = plain_world(WORLD_ENTRIES);
	int root = world->machine->root_fd;

	(void)state;
	generate(world, WISH_MENU, COMMAND_DONE);
	lose_records(world);
	tree_remove(root, "etc/hostdev-hook");
	tree_remove(root, "etc/kernel/install.d/91-hostdev-hook.install");
	tree_remove(root, "etc/initramfs-tools/hooks/hostdev-hook");
	tree_remove(root, "etc/initramfs-tools/scripts/init-top/00-hostdev-hook");
	programs_build(world);
	generate(world, WISH_MENU, COMMAND_FAILED);
	assert_said(world, "-hostdev-1.conf");
	undo(world, COMMAND_DONE);
	assert_first(world);
}

static void below_a_root_they_are_taken_back_as_well(void **state)
{
	auto_world struct world *world = plain_world(WORLD_GRUB);

	(void)state;
	generate(world, WISH_MENU, COMMAND_DONE);
	lose_records(world);
	must_end(world, world_undo_below(world), COMMAND_DONE);
	assert_first(world);
}

/* Such an undo could not be done: what it has begun, the next brings to its end. */
static void an_undo_that_fails_is_done_again(void **state)
{
	const struct strike strike = {
		.kind = STRIKE_ACTION_FAILS, .code = EIO, .program = "update-grub"};
	auto_world struct world *world = plain_world(WORLD_GRUB);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	lose_records(world);
	must_end(world, world_undo(world, &strike), GENERATE_INCOMPLETE);
	generate(world, WISH_STATIC, COMMAND_FAILED);
	assert_said(world, "unfinished: static one");
	undo(world, COMMAND_DONE);
	assert_first(world);
}

/* The image that is there was not built anew: it is looked at, as after each undo. */
static void images_are_looked_at(void **state)
{
	auto_world struct world *world = plain_world(WORLD_GRUB);

	(void)state;
	generate(world, WISH_CONF, COMMAND_DONE);
	lose_records(world);
	world->builds_nothing = true;
	undo(world, GENERATE_INCOMPLETE);
	assert_said(world, "still holds the binder");
	world->builds_nothing = false;
	undo(world, COMMAND_DONE);
	assert_first(world);
}

/* --- what is none of ours --- */

static void a_file_of_other_content_is_of_somebody_else(void **state)
{
	auto_world struct world *world = plain_world(WORLD_GRUB);
	auto_free char *first = NULL;
	int root = world->machine->root_fd;

	(void)state;
	for (size_t i = 0; leftover_files[i]; i++)
		tree_file(root, leftover_files[i] + 1, "# mine, for hostdevctl generate\n");
	programs_build(world);
	first = world_files(world);
	undo(world, COMMAND_DONE);
	assert_said(world, "changed: no");
	assert_files(world, first);
	generate(world, WISH_STATIC, COMMAND_DONE);
	undo(world, COMMAND_DONE);
	assert_files(world, first);
}

static void what_a_record_tells_of_is_not_left_over(void **state)
{
	auto_world struct world *world = plain_world(WORLD_GRUB);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	generate(world, WISH_MENU, COMMAND_DONE);
	generate(world, WISH_CONF, COMMAND_DONE);
	undo(world, COMMAND_DONE);
	assert_first(world);
}

/* --- what was built over it --- */

/* As an earlier version did: it took what was left over for the host's own, and its undo brings
 * that back. */
static void over_lost(enum world_kind kind, enum world_wish first, enum world_wish second)
{
	auto_world struct world *world = plain_world(kind);

	generate(world, first, COMMAND_DONE);
	generate(world, second, COMMAND_DONE);
	tree_remove(world->machine->root_fd, "var/lib/" SETUPS_DIR "/1.setup");
	generate(world, WISH_CONF, COMMAND_FAILED);
	assert_said(world, WHY);
	undo(world, COMMAND_DONE);
	assert_first(world);
}

static void a_set_up_over_them_is_taken_back_with_them(void **state)
{
	(void)state;
	over_lost(WORLD_GRUB, WISH_CONF, WISH_OTHER_WORDS);
	over_lost(WORLD_GRUB, WISH_STATIC, WISH_IDS);
	over_lost(WORLD_GRUB, WISH_MENU, WISH_STATIC);
	over_lost(WORLD_GRUB_OLD, WISH_STATIC, WISH_DEFAULT);
	over_lost(WORLD_ENTRIES, WISH_MENU, WISH_OTHER_WORDS);
}

/* --- who is killed meanwhile --- */

static void killed(enum world_kind kind, enum world_wish wish, int strikes, int at)
{
	const struct strike strike = {.kind = strikes, .at = at};
	auto_world struct world *world = plain_world(kind);

	generate(world, wish, COMMAND_DONE);
	lose_records(world);
	assert_int_equal(world_undo(world, &strike), WORLD_KILLED);
	undo(world, COMMAND_DONE);
	assert_first(world);
}

static void killed_anywhere(enum world_kind kind, enum world_wish wish)
{
	auto_world struct world *world = plain_world(kind);
	int actions, calls;

	generate(world, wish, COMMAND_DONE);
	lose_records(world);
	undo(world, COMMAND_DONE);
	actions = world_actions(world);
	calls = world_calls(world);
	for (int at = 0; at < actions; at++) {
		killed(kind, wish, STRIKE_ACTION_KILLS, at);
		killed(kind, wish, STRIKE_ACTION_KILLS_AFTER, at);
	}
	for (int at = (int)wish; at < calls; at += 7)
		killed(kind, wish, STRIKE_CALL_KILLS, at);
}

static void who_is_killed_at_it_is_followed_by_another(void **state)
{
	(void)state;
	killed_anywhere(WORLD_GRUB, WISH_DEFAULT);
	killed_anywhere(WORLD_GRUB, WISH_IDS);
	killed_anywhere(WORLD_ENTRIES, WISH_MENU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_record_tells_of_is_taken_back),
		cmocka_unit_test(what_was_edited_stays_as_far_as_it_is_known),
		cmocka_unit_test(lines_of_people_in_a_file_of_ours_stay),
		cmocka_unit_test(entries_that_are_left_alone_go),
		cmocka_unit_test(below_a_root_they_are_taken_back_as_well),
		cmocka_unit_test(an_undo_that_fails_is_done_again),
		cmocka_unit_test(images_are_looked_at),
		cmocka_unit_test(a_file_of_other_content_is_of_somebody_else),
		cmocka_unit_test(what_a_record_tells_of_is_not_left_over),
		cmocka_unit_test(a_set_up_over_them_is_taken_back_with_them),
		cmocka_unit_test(who_is_killed_at_it_is_followed_by_another),
	};

	return cmocka_run_group_tests_name("apply-leftovers", tests, NULL, NULL);
}
