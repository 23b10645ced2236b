// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What holds of every set-up, whichever it is: taken back it was never there, twice is once, and
 * one may come over another.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/host/tree.h"
#include "tests/model/setup-world.h"

static void must_do(struct world *world, int status, int wanted)
{
	auto_free char *said = world_said(world);

	if (status != wanted)
		print_error("%s\n", said);
	assert_int_equal(status, wanted);
}

static void generate(struct world *world, enum world_wish wish)
{
	must_do(world, world_generate(world, wish, NULL), COMMAND_DONE);
}

static void undo(struct world *world)
{
	must_do(world, world_undo(world, NULL), COMMAND_DONE);
}

#define assert_files(world, expected)                                                              \
	do {                                                                                       \
		auto_free char *files_ = world_files(world);                                       \
		assert_text(files_, expected);                                                     \
	} while (0)

#define assert_no_records(world)                                                                   \
	do {                                                                                       \
		auto_free char *records_ = world_records(world);                                   \
		assert_text(records_, "");                                                         \
	} while (0)

static void taken_back_it_was_never_there(void **state)
{
	(void)state;
	for (int wish = 0; wish < WISHES; wish++) {
		for (int drop_ins = 0; drop_ins < 2; drop_ins++) {
			auto_world struct world *world = world_new();
			auto_free char *applied = NULL;

			world->drop_ins = drop_ins;
			generate(world, (enum world_wish)wish);
			applied = world_files(world);
			assert_string_not_equal(applied, world->first);
			undo(world);
			assert_files(world, world->first);
			assert_no_records(world);
		}
	}
}

static void twice_is_once(void **state)
{
	(void)state;
	for (int wish = 0; wish < WISHES; wish++) {
		for (int drop_ins = 0; drop_ins < 2; drop_ins++) {
			auto_world struct world *world = world_new();
			auto_free char *applied = NULL, *records = NULL, *now = NULL;

			world->drop_ins = drop_ins;
			generate(world, (enum world_wish)wish);
			applied = world_files(world);
			records = world_records(world);
			assert_int_equal(world_steps(world, (enum world_wish)wish), 0);
			generate(world, (enum world_wish)wish);
			assert_files(world, applied);
			now = world_records(world);
			assert_text(now, records);
			assert_int_equal(world_actions(world), 0);
		}
	}
}

static void nothing_to_take_back_is_fine(void **state)
{
	auto_world struct world *world = world_new();

	(void)state;
	undo(world);
	assert_files(world, world->first);
	assert_no_records(world);
}

#define IMAGE "boot/initrd.img-6.12-test"
#define MENU "boot/grub/grub.cfg"

/* What a wish alone makes of image and menu. Heap. */
static char *built_alone(enum world_wish wish)
{
	auto_world struct world *world = world_new();
	auto_free char *image = NULL, *menu = NULL;

	world->drop_ins = wish % 2;
	generate(world, wish);
	image = tree_read(world->machine->root_fd, IMAGE);
	menu = tree_read(world->machine->root_fd, MENU);
	return xasprintf("%s\n%s", image, menu);
}

/*
 * Each over each other, and then over that the first again. What the first has put there, and the
 * second does not want, is gone while the second holds.
 */
static void one_over_another_and_all_of_it_back(void **state)
{
	(void)state;
	for (int second = 0; second < WISHES; second++) {
		auto_free char *alone = built_alone((enum world_wish)second);

		for (int first = 0; first < WISHES; first++) {
			auto_world struct world *world = world_new();
			auto_free char *image = NULL, *menu = NULL, *built = NULL;

			world->drop_ins = second % 2;
			generate(world, (enum world_wish)first);
			generate(world, (enum world_wish)second);
			assert_int_equal(world_steps(world, (enum world_wish)second), 0);
			image = tree_read(world->machine->root_fd, IMAGE);
			menu = tree_read(world->machine->root_fd, MENU);
			built = xasprintf("%s\n%s", image, menu);
			assert_text(built, alone);
			if (first < second)
				generate(world, (enum world_wish)first);
			undo(world);
			assert_files(world, world->first);
			assert_no_records(world);
		}
	}
}

/* A third that needs no image, over two of which only the first has built one. */
static void what_the_first_of_three_has_built_is_built_without_it(void **state)
{
	auto_world struct world *world = world_new();
	auto_free char *image = NULL, *old = NULL;

	(void)state;
	old = tree_read(world->machine->root_fd, IMAGE);
	generate(world, WISH_STATIC);
	generate(world, WISH_OTHER_WORDS);
	generate(world, WISH_IOMMU);
	image = tree_read(world->machine->root_fd, IMAGE);
	assert_text(image, old);
	undo(world);
	assert_files(world, world->first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_back_it_was_never_there),
		cmocka_unit_test(twice_is_once),
		cmocka_unit_test(nothing_to_take_back_is_fine),
		cmocka_unit_test(one_over_another_and_all_of_it_back),
		cmocka_unit_test(what_the_first_of_three_has_built_is_built_without_it),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
