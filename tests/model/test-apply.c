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
#include "tests/model/setup-programs.h"
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

#define assert_no_records(world)                                                                   \
	do {                                                                                       \
		auto_free char *records_ = world_records(world);                                   \
		assert_text(records_, "");                                                         \
	} while (0)

static void taken_back(enum world_kind kind, enum world_wish wish)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *applied = NULL;

	generate(world, wish);
	applied = world_files(world);
	assert_string_not_equal(applied, world->first);
	undo(world);
	assert_files(world, world->first);
	assert_no_records(world);
}

static void done_twice(enum world_kind kind, enum world_wish wish)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *applied = NULL, *records = NULL, *now = NULL;

	generate(world, wish);
	applied = world_files(world);
	records = world_records(world);
	assert_int_equal(world_steps(world, wish), 0);
	generate(world, wish);
	assert_files(world, applied);
	now = world_records(world);
	assert_text(now, records);
	assert_int_equal(world_actions(world), 0);
}

static void each(void (*show)(enum world_kind kind, enum world_wish wish))
{
	for (int kind = 0; kind < WORLD_KINDS; kind++)
		for (int wish = 0; wish < WISHES; wish++)
			if (world_takes((enum world_kind)kind, (enum world_wish)wish))
				show((enum world_kind)kind, (enum world_wish)wish);
}

static void taken_back_it_was_never_there(void **state)
{
	(void)state;
	each(taken_back);
}

static void twice_is_once(void **state)
{
	(void)state;
	each(done_twice);
}

static void nothing_to_take_back_is_fine(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);

	(void)state;
	undo(world);
	assert_files(world, world->first);
	assert_no_records(world);
}

/* Images, menu, entries. Heap. */
static char *built(const struct world *world)
{
	auto_text struct text out = TEXT_INIT;

	tree_list(world->machine->root_fd, "boot", &out);
	return steal(&out.data);
}

static char *built_alone(enum world_kind kind, enum world_wish wish)
{
	auto_world struct world *world = world_new(kind);

	generate(world, wish);
	return built(world);
}

static void one_over_another(enum world_kind kind, enum world_wish first, enum world_wish second,
			     const char *alone)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *now = NULL;

	generate(world, first);
	generate(world, second);
	assert_int_equal(world_steps(world, second), 0);
	now = built(world);
	assert_text(now, alone);
	if (first < second)
		generate(world, first);
	undo(world);
	assert_files(world, world->first);
	assert_no_records(world);
}

/*
 * Each over each other, and then over that the first again. What the first has put there, and the
 * second does not want, is gone while the second holds.
 */
static void over_each_other(enum world_kind kind, enum world_wish second)
{
	auto_free char *alone = built_alone(kind, second);

	for (int first = 0; first < WISHES; first++)
		if (world_takes(kind, (enum world_wish)first))
			one_over_another(kind, (enum world_wish)first, second, alone);
}

static void one_over_another_and_all_of_it_back(void **state)
{
	(void)state;
	/* One of the kinds with a menu of GRUB for each, and one of those with entries. */
	for (int wish = 0; wish < WISHES; wish++)
		for (int kind = wish % 2; kind < WORLD_KINDS; kind += 2)
			if (world_takes((enum world_kind)kind, (enum world_wish)wish))
				over_each_other((enum world_kind)kind, (enum world_wish)wish);
}

/* A third that needs no image, over two of which only the first has built one. */
static void what_the_first_of_three_has_built_is_built_without_it(void **state)
{
	(void)state;
	for (int kind = 0; kind < WORLD_KINDS; kind++) {
		auto_world struct world *world = world_new((enum world_kind)kind);
		auto_free char *image = NULL, *old = tree_read(world->machine->root_fd, &IMAGE[1]);

		generate(world, WISH_STATIC);
		generate(world, WISH_OTHER_WORDS);
		generate(world, WISH_IOMMU);
		image = tree_read(world->machine->root_fd, &IMAGE[1]);
		assert_text(image, old);
		undo(world);
		assert_files(world, world->first);
	}
}

/* They differ in what they build: image and menu, the image alone, the image and entries, words. */
static const enum world_wish builders[] = {WISH_STATIC, WISH_IDS, WISH_MENU, WISH_IOMMU};
#define BUILDERS (sizeof(builders) / sizeof(*builders))

/* One in the middle builds what those around it do not, and what they do it does not. */
static void three_in_any_order_and_all_of_it_back(void **state)
{
	(void)state;
	for (size_t order = 0; order < BUILDERS * BUILDERS * BUILDERS; order++) {
		const enum world_wish first = builders[order % BUILDERS],
				      second = builders[order / BUILDERS % BUILDERS],
				      third = builders[order / BUILDERS / BUILDERS];
		const enum world_kind kind =
			(enum world_kind)((order + order / BUILDERS) % WORLD_KINDS);
		auto_world struct world *world = world_new(kind);

		generate(world, first);
		generate(world, second);
		generate(world, third);
		undo(world);
		assert_files(world, world->first);
		assert_no_records(world);
	}
}

/* A record that nobody can read may be of one that has put the binder there. */
static void what_an_unreadable_record_holds_is_no_fault(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *said = NULL;

	(void)state;
	generate(world, WISH_STATIC);
	generate(world, WISH_CONF);
	tree_file(world->machine->root_fd, "var/lib/" SETUPS_DIR "/1.setup",
		  "hostdev-hook set-up 9\n");
	must_do(world, world_undo(world, NULL), GENERATE_INCOMPLETE);
	said = world_said(world);
	assert_null(strstr(said, "still holds the binder"));
	assert_false(tree_exists(world->machine->root_fd, "var/lib/" SETUPS_DIR "/2.setup"));
}

/* The image of this boot has reserved 01:00, and whatever is written now, it stays on vfio-pci. */
static void start_reserved(struct world *world)
{
	static const char *const addresses[] = {"0000:01:00.0", "0000:01:00.1"};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		auto_free char *dir = xasprintf("sys/bus/pci/devices/%s", addresses[i]);
		auto_free char *link = xasprintf("%s/driver", dir);

		tree_dir(world->machine->root_fd, dir);
		tree_raw_link(world->machine->root_fd, link, "../../drivers/vfio-pci");
	}
	world->reserved = true;
}

/* Each choice of the menu, as the card that it keeps is the host's. */
static void check_choices(const struct world *world, const char *record)
{
	auto_free char *path = xasprintf("var/lib/" SETUPS_DIR "/%s", record);
	auto_free char *text = tree_read(world->machine->root_fd, path);

	assert_non_null(text);
	assert_contains(text, "home 0000:01:00.0 nvidia pci:");
	assert_contains(text, "home 0000:01:00.1 snd_hda_intel pci:");
	assert_contains(text, "choice hostdev-keep-0000:01:00.0 ");
	assert_contains(text, "choice hostdev-keep-0000:02:00.0 ");
}

static void what_this_boot_has_reserved_is_still_the_hosts(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);

	(void)state;
	generate(world, WISH_CONF);
	start_reserved(world);
	generate(world, WISH_MENU);
	check_choices(world, "2.setup");
	undo(world);
	generate(world, WISH_MENU);
	check_choices(world, "1.setup");
	undo(world);
	/* Once more, with nothing in the record of the last that was reserved by it. */
	generate(world, WISH_OTHER_WORDS);
	undo(world);
	generate(world, WISH_MENU);
	check_choices(world, "1.setup");
}

/* The set-up that the boot was made with need not be the last one. */
static void what_an_older_one_has_reserved_is_the_hosts_too(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);

	(void)state;
	generate(world, WISH_CONF);
	start_reserved(world);
	generate(world, WISH_OTHER_WORDS);
	generate(world, WISH_MENU);
	check_choices(world, "3.setup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_back_it_was_never_there),
		cmocka_unit_test(twice_is_once),
		cmocka_unit_test(nothing_to_take_back_is_fine),
		cmocka_unit_test(one_over_another_and_all_of_it_back),
		cmocka_unit_test(what_the_first_of_three_has_built_is_built_without_it),
		cmocka_unit_test(three_in_any_order_and_all_of_it_back),
		cmocka_unit_test(what_an_unreadable_record_holds_is_no_fault),
		cmocka_unit_test(what_this_boot_has_reserved_is_still_the_hosts),
		cmocka_unit_test(what_an_older_one_has_reserved_is_the_hosts_too),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
