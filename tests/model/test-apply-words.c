// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words for the boot scripts that somebody else has put onto the usual entries: no set-up comes
 * beside them, and none begins.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/host/tree.h"
#include "tests/model/setup-calls.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-world.h"

#define OTHER "hostdev.guest=0000:03:00.0=1b21:2142:1b21:2142:0c0330"
#define DEFAULTS "etc/default/grub"
#define DROP_IN "etc/default/grub.d/zz-hostdev-hook.cfg"
#define CMDLINE "etc/kernel/cmdline"

static void rebuild(struct world *world)
{
	programs_build(world);
	if (world_has_grub(world))
		return;
	programs_add_kernel(world, KERNEL);
	programs_add_kernel(world, OLDER);
}

/* Where it stands, and, where what is built of it is built anew, there too. */
static const char *put_word(struct world *world, const char *word, bool built)
{
	auto_free char *words = xasprintf("quiet %s", word);
	auto_free char *token = programs_token(world->machine->root_fd);
	auto_free char *entry = xasprintf(ENTRIES "/%s-" KERNEL ".conf", token);
	bool bare = world->kind == WORLD_ENTRIES_BARE;
	const char *path = world_has_grub(world) ? DEFAULTS : bare ? entry : CMDLINE;

	world_edit(world, path, "quiet", words);
	if (built && !bare)
		rebuild(world);
	return world_has_grub(world) ? "/" DEFAULTS " has "
	       : bare                ? KERNEL ".conf has "
				     : "/" CMDLINE " has ";
}

static bool counts(enum world_wish wish)
{
	return wish != WISH_IOMMU;
}

static void refused(enum world_kind kind, int first, enum world_wish wish, const char *word,
		    bool built)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *before = NULL, *records = NULL, *now = NULL, *told = NULL;

	if (first >= 0)
		generate(world, (enum world_wish)first, COMMAND_DONE);
	told = xasprintf("%s\"%s\", ", put_word(world, word, built), word);
	before = world_files(world);
	records = world_records(world);
	generate(world, wish, COMMAND_FAILED);
	assert_said(world, told);
	assert_files(world, before);
	now = world_records(world);
	assert_text(now, records);
}

static void words_of_others_are_refused_before_anything_is_written(void **state)
{
	static const char *const words[] = {OTHER, "hostdev.off"};

	(void)state;
	for (int kind = 0; kind < WORLD_KINDS; kind++)
		for (int wish = 0; wish < WISHES; wish++)
			if (counts((enum world_wish)wish) &&
			    world_takes((enum world_kind)kind, (enum world_wish)wish))
				refused((enum world_kind)kind, -1, (enum world_wish)wish,
					words[(kind + wish) % 2], wish % 3 != 0);
}

static void so_they_are_beside_a_set_up(void **state)
{
	static const enum world_wish wishes[] = {WISH_STATIC, WISH_MENU, WISH_CONF};

	(void)state;
	for (int kind = 0; kind < WORLD_KINDS; kind++)
		for (size_t i = 0; i < 3; i++)
			refused((enum world_kind)kind, (int)wishes[i], wishes[(i + 1) % 3], OTHER,
				i != 1);
}

/* What reserves nothing is no concern of theirs. */
static void a_word_for_the_iommu_stands_beside_them(void **state)
{
	(void)state;
	for (int kind = 0; kind < WORLD_ENTRIES_BARE; kind++) {
		auto_world struct world *world = world_new((enum world_kind)kind);
		auto_free char *before = NULL;

		put_word(world, OTHER, true);
		before = world_files(world);
		generate(world, WISH_IOMMU, COMMAND_DONE);
		undo(world, COMMAND_DONE);
		assert_files(world, before);
	}
}

/* What was made of them would change, or stay beside the new ones. */
static void our_own_words_that_were_edited_are_refused(void **state)
{
	static const struct {
		enum world_kind kind;
		const char *path;
	} cases[] = {{WORLD_GRUB, DROP_IN}, {WORLD_GRUB_OLD, DEFAULTS}, {WORLD_ENTRIES, CMDLINE}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_world struct world *world = world_new(cases[i].kind);
		auto_free char *told = NULL, *before = NULL;

		generate(world, WISH_STATIC, COMMAND_DONE);
		world_edit(world, cases[i].path, "10de:2204", "10de:2205");
		rebuild(world);
		before = world_files(world);
		told = xasprintf("/%s has \"hostdev.guest=0000:01:00.0=10de:2205:", cases[i].path);
		generate(world, WISH_OTHER_WORDS, COMMAND_FAILED);
		assert_said(world, told);
		assert_files(world, before);
		undo(world, COMMAND_DONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_others_are_refused_before_anything_is_written),
		cmocka_unit_test(so_they_are_beside_a_set_up),
		cmocka_unit_test(a_word_for_the_iommu_stands_beside_them),
		cmocka_unit_test(our_own_words_that_were_edited_are_refused),
	};

	return cmocka_run_group_tests_name("apply-words", tests, NULL, NULL);
}
