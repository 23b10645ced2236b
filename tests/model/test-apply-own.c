// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people write into a kernel's own entry, which kernel-install writes anew: but for the
 * options it stays, whether they did so before a set-up, while it is in force or between two.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
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

/* In the text of a file, what stands there goes and something else comes. */
static void edit(struct world *world, const char *path, const char *old, const char *new)
{
	auto_free char *text = tree_read(world->machine->root_fd, path);
	char *at = text ? strstr(text, old) : NULL;

	assert_non_null(at);
	tree_file(world->machine->root_fd, path, "%.*s%s%s\n", (int)(at - text), text, new,
		  at + strlen(old));
}

/* A title, a key and an image more. */
static void edit_entry(struct world *world, const char *path)
{
	edit(world, path, "title      Debian", "title      Mine\narchitecture x64");
	edit(world, path, "initrd     ", "initrd     /ucode\ninitrd     ");
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
	edit(world, path, " quiet", " quiet single");
	edit(world, CMDLINE, " ro", " ro nomodeset");
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
	};

	return cmocka_run_group_tests_name("apply-own", tests, NULL, NULL);
}
