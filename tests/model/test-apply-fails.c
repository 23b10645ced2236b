// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A set-up of which one thing fails, whichever: the host is as before, and nothing is left of it.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/host/tree.h"
#include "tests/model/setup-pairs.h"
#include "tests/model/setup-programs.h"

/* Every so many calls, beginning elsewhere in each pair: 1 for all of them takes minutes. */
#define STRIDE 13

static void a_failing_action_undoes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int actions = pair_count(&pairs[i], world_actions, false);

		for (int at = 0; at < actions; at++) {
			const struct strike strike = {STRIKE_ACTION_FAILS, at, EIO, NULL};
			auto_world struct world *world = pair_begin(&pairs[i]);
			auto_free char *before = world_files(world);
			auto_free char *records = world_records(world), *now = NULL, *said = NULL;
			int status = world_generate(world, pairs[i].wish, &strike);

			said = world_said(world);
			/* That no longer needed files are still there is no failure. */
			if (status == COMMAND_DONE)
				continue;
			assert_int_equal(status, COMMAND_FAILED);
			assert_contains(said, "Input/output error");
			assert_contains(said, "this host is as it was before");
			assert_files(world, before);
			now = world_records(world);
			assert_text(now, records);
		}
	}
}

/* A shell says at once what is wrong; who works first says it at the end. */
static void a_program_that_always_fails_is_told(void **state)
{
	static const struct {
		const char *name, *told;
	} programs[] = {{"/sh", "/sh: Input/output error: first line"},
			{"grub-mkconfig", "grub-mkconfig: Input/output error: it was struck"},
			{"lsinitramfs", "lsinitramfs: Input/output error: it was struck"},
			{"unmkinitramfs", "unmkinitramfs: Input/output error: it was struck"}};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const struct strike strike = {STRIKE_ACTION_FAILS, 0, EIO, programs[i].name};
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *before = world_files(world), *said = NULL, *records = NULL;

		assert_int_equal(world_generate(world, WISH_MENU, &strike), COMMAND_FAILED);
		said = world_said(world);
		assert_contains(said, programs[i].told);
		assert_files(world, before);
		records = world_records(world);
		assert_text(records, "");
	}
}

/* What cannot be built cannot be built anew either: that is told, and stays in the record. */
static void an_image_that_cannot_be_built_is_tried_again(void **state)
{
	const struct strike strike = {STRIKE_ACTION_FAILS, 0, EIO, "update-initramfs"};
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *before = world_files(world), *said = NULL, *records = NULL;

	(void)state;
	assert_int_equal(world_generate(world, WISH_MENU, &strike), GENERATE_INCOMPLETE);
	said = world_said(world);
	assert_contains(said, "update-initramfs: Input/output error: it was struck");
	assert_contains(said, "not everything could be taken back");
	assert_files(world, before);
	assert_int_equal(world_undo(world, &strike), GENERATE_INCOMPLETE);
	assert_int_equal(world_generate(world, WISH_MENU, NULL), COMMAND_FAILED);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_files(world, before);
	records = world_records(world);
	assert_text(records, "");
}

/* What was built is no more than built before it is on the disk. */
static void what_is_not_on_the_disk_is_not_done(void **state)
{
	const struct strike strike = {STRIKE_SYNC_FAILS, 0, EIO, NULL};
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *before = world_files(world), *said = NULL, *records = NULL;

	(void)state;
	assert_int_equal(world_generate(world, WISH_MENU, &strike), GENERATE_INCOMPLETE);
	said = world_said(world);
	assert_contains(said, "write what is in /boot to its disk: Input/output error");
	assert_int_equal(world_undo(world, &strike), GENERATE_INCOMPLETE);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_files(world, before);
	records = world_records(world);
	assert_text(records, "");
	assert_int_equal(world_generate(world, WISH_MENU, NULL), COMMAND_DONE);
	assert_int_equal(world_undo(world, &strike), GENERATE_INCOMPLETE);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_files(world, before);
}

/* Images lie wherever a preset of mkinitcpio says. */
static void each_place_of_images_is_written(void **state)
{
	static const char *const folders[] = {"/boot", "/efi", "/boot/efi"};

	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		struct strike strike = {STRIKE_SYNC_FAILS, 0, EIO, folders[i]};
		auto_free char *message = xasprintf("write what is in %s to its disk", folders[i]);
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL;

		tree_dir(world->machine->root_fd, &folders[i][1]);
		assert_int_equal(world_generate(world, WISH_CONF, NULL), COMMAND_DONE);
		assert_int_equal(world_undo(world, &strike), GENERATE_INCOMPLETE);
		said = world_said(world);
		assert_contains(said, message);
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	}
}

/* As where /boot is mounted read-only for it. */
static void an_image_that_was_not_built_anew_is_told(void **state)
{
	static const enum world_wish wishes[] = {WISH_STATIC, WISH_IDS, WISH_MENU};

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL, *records = NULL, *left = NULL;

		assert_int_equal(world_generate(world, wishes[i], NULL), COMMAND_DONE);
		world->builds_nothing = true;
		assert_int_equal(world_undo(world, NULL), GENERATE_INCOMPLETE);
		said = world_said(world);
		assert_contains(said, IMAGE " still holds the binder: it was not built anew");
		records = world_records(world);
		assert_contains(records, "1.setup");
		assert_int_equal(world_undo(world, NULL), GENERATE_INCOMPLETE);
		/* One that is gone holds nothing. */
		tree_remove(world->machine->root_fd, &IMAGE[1]);
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
		left = world_records(world);
		assert_text(left, "");
	}
}

static void an_image_that_nobody_can_list_keeps_nothing(void **state)
{
	const struct strike strike = {STRIKE_ACTION_FAILS, 0, EIO, "lsinitramfs"};
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *before = world_files(world), *said = NULL;

	(void)state;
	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	assert_int_equal(world_undo(world, &strike), COMMAND_DONE);
	said = world_said(world);
	assert_contains(said, "is not known: one could not be listed");
	assert_files(world, before);
}

/* A host that has changed what builds its images or its menu since. */
static void a_builder_that_is_gone_holds_no_undo_up(void **state)
{
	static const char *const programs[] = {"update-initramfs", "update-grub"};
	static const char *const told[] = {"images still hold the binder: have the images",
					   "anew by it; have the images and the menu"};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const struct strike strike = {STRIKE_ACTION_FAILS, 0, ENOENT, programs[i]};
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL, *records = NULL;

		assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
		assert_int_equal(world_undo(world, &strike), COMMAND_DONE);
		said = world_said(world);
		assert_contains(said, programs[i]);
		assert_contains(said, told[i]);
		records = world_records(world);
		assert_text(records, "");
		/* What is there now builds what there was at first. */
		programs_build(world);
		assert_files(world, world->first);
	}
}

/* Images and menus would be built by two at once. */
static void beside_a_package_manager_nothing_is_done(void **state)
{
	static const char lock[] = "var/lib/pacman/db.lck";
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *before = NULL, *first = NULL, *second = NULL, *records = NULL;

	(void)state;
	tree_file(world->machine->root_fd, lock, "%s", "");
	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_FAILED);
	first = world_said(world);
	assert_contains(first, "pacman is at work, and may build images and menus itself");
	tree_remove(world->machine->root_fd, lock);
	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	tree_file(world->machine->root_fd, lock, "%s", "");
	before = world_files(world);
	assert_int_equal(world_undo(world, NULL), COMMAND_FAILED);
	second = world_said(world);
	assert_text(second, first);
	assert_files(world, before);
	tree_remove(world->machine->root_fd, lock);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	tree_remove(world->machine->root_fd, "var/lib/pacman");
	assert_files(world, world->first);
	records = world_records(world);
	assert_text(records, "");
}

/* Either it is applied all the same, or nothing of it is there. */
static void a_failing_call_undoes_all(void **state)
{
	static const int codes[] = {EIO, ENOSPC};

	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		int calls = pair_count(&pairs[i], world_calls, false);

		for (int at = (int)i; at < calls; at += STRIDE) {
			const struct strike strike = {STRIKE_CALL_FAILS, at, codes[at / STRIDE % 2],
						      NULL};
			auto_world struct world *world = pair_begin(&pairs[i]);
			auto_free char *before = world_files(world);
			auto_free char *records = world_records(world), *now = NULL, *said = NULL;
			int status = world_generate(world, pairs[i].wish, &strike);

			said = world_said(world);
			if (status == COMMAND_DONE) {
				assert_int_equal(world_steps(world, pairs[i].wish), 0);
				continue;
			}
			if (status != COMMAND_FAILED)
				print_error("call %d: %s\n", at, said);
			assert_int_equal(status, COMMAND_FAILED);
			assert_files(world, before);
			/* Contents that no record names go with the next call. */
			assert_int_equal(world_open(world), COMMAND_DONE);
			now = world_records(world);
			assert_text(now, records);
		}
	}
}

/* Of two that stay, only the first has put the binder into the image. */
static void a_third_that_fails_leaves_the_first_in_the_image(void **state)
{
	const struct strike strike = {STRIKE_ACTION_FAILS, 0, EIO, "unmkinitramfs"};
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *before = NULL, *records = NULL, *now = NULL;

	(void)state;
	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	assert_int_equal(world_generate(world, WISH_MENU, NULL), COMMAND_DONE);
	before = world_files(world);
	records = world_records(world);
	assert_int_equal(world_generate(world, WISH_CONF, &strike), COMMAND_FAILED);
	assert_files(world, before);
	assert_int_equal(world_open(world), COMMAND_DONE);
	now = world_records(world);
	assert_text(now, records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failing_action_undoes_all),
		cmocka_unit_test(a_program_that_always_fails_is_told),
		cmocka_unit_test(an_image_that_cannot_be_built_is_tried_again),
		cmocka_unit_test(what_is_not_on_the_disk_is_not_done),
		cmocka_unit_test(each_place_of_images_is_written),
		cmocka_unit_test(an_image_that_was_not_built_anew_is_told),
		cmocka_unit_test(an_image_that_nobody_can_list_keeps_nothing),
		cmocka_unit_test(a_builder_that_is_gone_holds_no_undo_up),
		cmocka_unit_test(beside_a_package_manager_nothing_is_done),
		cmocka_unit_test(a_third_that_fails_leaves_the_first_in_the_image),
		cmocka_unit_test(a_failing_call_undoes_all),
	};

	return cmocka_run_group_tests_name("apply-fails", tests, NULL, NULL);
}
