// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people write into a kernel's own entry, which kernel-install writes anew: but for the
 * options it stays, whether they did so before a set-up, while it is in force or between two.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "state/setups.h"
#include "tests/host/tree.h"
#include "tests/model/setup-calls.h"
#include "tests/model/setup-host.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-world.h"

#define CMDLINE "etc/kernel/cmdline"
#define EDITED "it was edited since: only what hostdev-hook had put there is taken out"

static char *path_of(const struct world *world, const char *release)
{
	auto_free char *token = programs_token(world->machine->root_fd);

	return xasprintf(ENTRIES "/%s-%s.conf", token, release);
}

/* A title, a key and an image more. */
static void edit_entry(struct world *world, const char *path)
{
	world_edit(world, path, "title      Debian", "title      Mine\narchitecture x64");
	world_edit(world, path, "initrd     ", "initrd     /ucode\ninitrd     ");
	tree_file(world->machine->root_fd, "boot/efi/ucode", "code\n");
}

#define assert_entry(world, path, expected)                                                        \
	do {                                                                                       \
		auto_free char *entry_ = tree_read((world)->machine->root_fd, path);               \
		assert_text(entry_, expected);                                                     \
	} while (0)

#define assert_not_said(world, part)                                                               \
	do {                                                                                       \
		auto_free char *said_ = world_said(world);                                         \
		assert_null(strstr(said_, part));                                                  \
	} while (0)

/* As the entry would be had there been no set-up. */
static char *edited_without(enum world_kind kind, const char *release)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *path = path_of(world, release);

	edit_entry(world, path);
	return tree_read(world->machine->root_fd, path);
}

static void edited_while(enum world_kind kind, int first, enum world_wish wish)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *path = path_of(world, OLDER), *other = path_of(world, KERNEL);
	auto_free char *expected = edited_without(kind, OLDER), *told = NULL;
	auto_free char *untouched = tree_read(world->machine->root_fd, other);

	if (first >= 0)
		generate(world, (enum world_wish)first, COMMAND_DONE);
	generate(world, wish, COMMAND_DONE);
	edit_entry(world, path);
	undo(world, COMMAND_DONE);
	told = xasprintf("/%s: " EDITED "\n", path);
	assert_said(world, told);
	assert_entry(world, path, expected);
	assert_entry(world, other, untouched);
	assert_not_said(world, KERNEL ".conf: ");
}

static void what_is_edited_while_a_set_up_is_in_force_stays(void **state)
{
	static const enum world_wish wishes[] = {WISH_STATIC, WISH_MENU, WISH_CONF, WISH_IOMMU};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		edited_while(WORLD_ENTRIES, -1, wishes[i]);
		edited_while(WORLD_ENTRIES_BARE, -1, wishes[i]);
		edited_while(WORLD_ENTRIES, (int)wishes[(i + 1) % 4], wishes[i]);
	}
}

static void what_is_edited_between_two_comes_back(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *path = path_of(world, OLDER),
		       *expected = edited_without(WORLD_ENTRIES, OLDER);
	auto_free char *before = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	edit_entry(world, path);
	/* A failure of the second brings back each byte. */
	tree_file(world->machine->root_fd, OTHER_PLUGIN, "steady meddles\n");
	before = world_files(world);
	generate(world, WISH_MENU, COMMAND_FAILED);
	assert_files(world, before);
	tree_file(world->machine->root_fd, OTHER_PLUGIN, "steady\n");
	generate(world, WISH_MENU, COMMAND_DONE);
	generate(world, WISH_OTHER_WORDS, COMMAND_DONE);
	undo(world, COMMAND_DONE);
	assert_entry(world, path, expected);
}

/* What stood there before the set-up, and kernel-install does not write. */
static void what_an_edited_entry_had_before_is_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *path = path_of(world, KERNEL);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	edit_entry(world, path);
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRIES "/debian-" KERNEL ".conf: " EDITED
			   "; before the set-up it had, which is gone: # mine\n");
}

static void other_options_are_those_that_are_configured(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *path = path_of(world, OLDER), *mine = path_of(world, KERNEL), *text = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	edit_entry(world, path);
	world_edit(world, path, " quiet", " quiet single");
	world_edit(world, CMDLINE, " ro", " ro nomodeset");
	undo(world, COMMAND_DONE);
	assert_said(world, "it had \"single\" besides what kernel-install gives to it");
	text = tree_read(world->machine->root_fd, path);
	assert_contains(text, "title      Mine\narchitecture x64\n");
	assert_contains(text, "\noptions    root=UUID=1 ro nomodeset quiet\n");
	cleanup_free(&text);
	/* What is of before the set-up, too. */
	text = tree_read(world->machine->root_fd, mine);
	assert_contains(text, "# mine\n");
	assert_contains(text, "\noptions    root=UUID=1 ro nomodeset quiet\n");
}

static void an_entry_of_a_kernel_that_has_come_since_is_kept_too(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *path = path_of(world, NEWER), *text = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	setup_host_add_kernel(world->machine->root_fd, NEWER);
	programs_add_kernel(world, NEWER);
	edit_entry(world, path);
	undo(world, COMMAND_DONE);
	text = tree_read(world->machine->root_fd, path);
	assert_contains(text, "title      Mine\narchitecture x64\n");
	assert_contains(text, "\noptions    root=UUID=1 ro quiet");
	assert_null(strstr(text, "hostdev."));
	assert_contains(text, "\ninitrd     /ucode\ninitrd     /debian/" NEWER "/initrd.img");
}

/* kernel-install runs whenever the kernel's package or its image is renewed. */
static void what_kernel_install_writes_is_no_edit(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	edit_entry(world, ENTRIES "/debian-" KERNEL ".conf");
	programs_add_kernel(world, KERNEL);
	tree_remove(world->machine->root_fd, "boot/efi/ucode");
	undo(world, COMMAND_DONE);
	assert_not_said(world, EDITED);
	assert_files(world, world->first);
}

/* Its image is gone: it could not start. */
static void an_edit_that_cannot_start_is_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *path = path_of(world, OLDER), *first = NULL;

	(void)state;
	first = tree_read(world->machine->root_fd, path);
	generate(world, WISH_STATIC, COMMAND_DONE);
	edit_entry(world, path);
	tree_remove(world->machine->root_fd, "boot/efi/ucode");
	undo(world, COMMAND_DONE);
	assert_said(world, ".conf: what it would start with is not there any more: it stays as it "
			   "is now\n");
	assert_entry(world, path, first);
}

/* --- who is killed meanwhile --- */

#define BASE "var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_BASE
#define BUILT "var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_BUILT

static void title_both(struct world *world)
{
	auto_free char *older = path_of(world, OLDER), *kernel = path_of(world, KERNEL);

	world_edit(world, older, "title      Debian", "title      Mine");
	world_edit(world, kernel, "title      Debian", "title      Mine");
}

static void both_have_their_titles(struct world *world, int at)
{
	static const char *const kernels[] = {OLDER, KERNEL};

	for (size_t i = 0; i < 2; i++) {
		auto_free char *path = path_of(world, kernels[i]);
		auto_free char *text = tree_read(world->machine->root_fd, path);

		if (!text || !strstr(text, "title      Mine\n"))
			print_error("%s, struck at %d: %s\n", kernels[i], at, text);
		assert_contains(text, "title      Mine\n");
		assert_contains(text, "\noptions    root=UUID=1 ro quiet\n");
	}
}

static void killed_with_titles(int kind, int at, bool undoing)
{
	const struct strike strike = {.kind = kind, .at = at};
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int status;

	generate(world, WISH_STATIC, COMMAND_DONE);
	title_both(world);
	status = undoing ? world_undo(world, &strike) : world_generate(world, WISH_MENU, &strike);
	assert_int_equal(status, WORLD_KILLED);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_not_said(world, "besides what kernel-install gives");
	both_have_their_titles(world, at);
}

static void edits_outlive_who_is_killed(bool undoing)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int actions;

	generate(world, WISH_STATIC, COMMAND_DONE);
	if (undoing)
		undo(world, COMMAND_DONE);
	else
		generate(world, WISH_MENU, COMMAND_DONE);
	actions = world_actions(world);
	assert_true(actions > 4);
	for (int at = 0; at < actions; at++) {
		killed_with_titles(STRIKE_ACTION_KILLS, at, undoing);
		killed_with_titles(STRIKE_ACTION_KILLS_AFTER, at, undoing);
	}
}

static void edits_outlive_the_death_of_the_next_set_up(void **state)
{
	(void)state;
	edits_outlive_who_is_killed(false);
}

static void edits_outlive_the_death_of_an_undo(void **state)
{
	(void)state;
	edits_outlive_who_is_killed(true);
}

/* As where the disk is full: it would have been for a death. */
static void what_cannot_be_kept_keeps_no_undo_from_its_work(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	title_both(world);
	tree_file(world->machine->root_fd, BASE "/in-the-way", "x");
	undo(world, COMMAND_DONE);
	both_have_their_titles(world, -1);
}

/* Killed when all entries were written, and edited then. */
static void what_is_edited_after_a_death_stays(void **state)
{
	(void)state;
	for (int at = 0;; at++) {
		const struct strike strike = {.kind = STRIKE_ACTION_KILLS_AFTER, .at = at};
		auto_world struct world *world = world_new(WORLD_ENTRIES);

		generate(world, WISH_STATIC, COMMAND_DONE);
		if (world_generate(world, WISH_MENU, &strike) != WORLD_KILLED)
			break;
		title_both(world);
		undo(world, COMMAND_DONE);
		both_have_their_titles(world, at);
	}
}

/* Other systems have their entries on the same partition, and renew them when they like. */
static void entries_of_others_stay_as_they_are_after_a_death(void **state)
{
	const struct strike strike = {.kind = STRIKE_ACTION_KILLS, .at = 5};
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *text = NULL;
	int root = world->machine->root_fd;

	(void)state;
	tree_file(root, ENTRIES "/fedora-7.conf", "title Fedora\noptions root=UUID=old\n");
	assert_int_equal(world_generate(world, WISH_STATIC, &strike), WORLD_KILLED);
	tree_file(root, ENTRIES "/fedora-7.conf", "title Fedora\noptions root=UUID=new\n");
	tree_remove(root, ENTRIES "/windows.conf");
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRIES "/fedora-7.conf: it was written meanwhile, by others: it is "
			   "left\n");
	assert_said(world,
		    "/" ENTRIES "/windows.conf: it was removed meanwhile, by others: it does "
		    "not come back\n");
	text = tree_read(root, ENTRIES "/fedora-7.conf");
	assert_text(text, "title Fedora\noptions root=UUID=new");
	assert_false(tree_exists(root, ENTRIES "/windows.conf"));
}

/* --- what kernel-install writes otherwise than it did --- */

/* What had the old name lies there yet. */
static void images_that_have_another_name_now_are_those_that_are_started(void **state)
{
	(void)state;
	for (int wish = 0; wish < WISHES; wish++) {
		auto_world struct world *world = NULL;
		auto_free char *path = NULL, *text = NULL;

		if (!world_takes(WORLD_ENTRIES, wish))
			continue;
		world = world_new(WORLD_ENTRIES);
		path = path_of(world, KERNEL);
		world_edit(world, path, "initrd     ", "initrd     /ucode\ninitrd     ");
		tree_file(world->machine->root_fd, "boot/efi/ucode", "code\n");
		generate(world, (enum world_wish)wish, COMMAND_DONE);
		tree_file(world->machine->root_fd, OTHER_BUILDER, "x");
		programs_add_kernel(world, KERNEL);
		undo(world, COMMAND_DONE);
		assert_not_said(world, "it was edited since");
		text = tree_read(world->machine->root_fd, path);
		assert_contains(text, "# mine\n");
		assert_contains(text, "\ninitrd     /ucode\ninitrd     /debian/" KERNEL "/initrd");
		assert_null(strstr(text, "initrd.img"));
	}
}

static void a_set_up_of_the_version_before_loses_no_edits(void **state)
{
	auto_free char *expected = edited_without(WORLD_ENTRIES, OLDER);

	(void)state;
	for (int second = 0; second < 2; second++) {
		auto_world struct world *world = world_new(WORLD_ENTRIES);
		auto_free char *path = path_of(world, OLDER);

		generate(world, WISH_STATIC, COMMAND_DONE);
		tree_remove(world->machine->root_fd, BUILT);
		edit_entry(world, path);
		if (second)
			generate(world, WISH_MENU, COMMAND_DONE);
		undo(world, COMMAND_DONE);
		if (!second)
			assert_said(world, ".conf: " EDITED "\n");
		assert_entry(world, path, expected);
	}
}

/* Attempts to boot are counted since. */
static void an_edited_entry_is_told_by_the_name_that_it_has_now(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *path = path_of(world, OLDER);

	(void)state;
	generate(world, WISH_MENU, COMMAND_DONE);
	edit_entry(world, path);
	tree_file(world->machine->root_fd, "etc/kernel/tries", "3");
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRIES "/debian-" OLDER "+3.conf: " EDITED "\n");
	assert_not_said(world, OLDER ".conf: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_edited_while_a_set_up_is_in_force_stays),
		cmocka_unit_test(what_is_edited_between_two_comes_back),
		cmocka_unit_test(what_an_edited_entry_had_before_is_told),
		cmocka_unit_test(other_options_are_those_that_are_configured),
		cmocka_unit_test(an_entry_of_a_kernel_that_has_come_since_is_kept_too),
		cmocka_unit_test(what_kernel_install_writes_is_no_edit),
		cmocka_unit_test(an_edit_that_cannot_start_is_told),
		cmocka_unit_test(edits_outlive_the_death_of_the_next_set_up),
		cmocka_unit_test(edits_outlive_the_death_of_an_undo),
		cmocka_unit_test(what_cannot_be_kept_keeps_no_undo_from_its_work),
		cmocka_unit_test(what_is_edited_after_a_death_stays),
		cmocka_unit_test(entries_of_others_stay_as_they_are_after_a_death),
		cmocka_unit_test(images_that_have_another_name_now_are_those_that_are_started),
		cmocka_unit_test(a_set_up_of_the_version_before_loses_no_edits),
		cmocka_unit_test(an_edited_entry_is_told_by_the_name_that_it_has_now),
	};

	return cmocka_run_group_tests_name("apply-own", tests, NULL, NULL);
}
