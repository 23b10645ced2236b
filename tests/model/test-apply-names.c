// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries that others rename, or write with what kernel-install gives to a kernel, while set-ups
 * come and go.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/host/tree.h"
#include "tests/model/setup-calls.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-world.h"

#define ENTRY ENTRIES "/debian-" KERNEL ".conf"
#define AS_BEFORE "this host is as it was before"

/* Names and bytes. Heap. */
static char *entries_of(const struct world *world)
{
	auto_text struct text list = TEXT_INIT;

	tree_list(world->machine->root_fd, ENTRIES, &list);
	return steal(&list.data);
}

#define assert_entries(world, expected)                                                            \
	do {                                                                                       \
		auto_free char *entries_ = entries_of(world);                                      \
		assert_text(entries_, expected);                                                   \
	} while (0)

/* Its entry gets our words with the kernel's, and loses them with it. */
static void what_another_plugin_derives_is_no_change(void **state)
{
	(void)state;
	for (enum world_kind kind = WORLD_ENTRIES; kind <= WORLD_ENTRIES_BARE; kind++) {
		auto_world struct world *world = world_new(kind);
		int root = world->machine->root_fd;
		auto_free char *before = NULL, *entry = NULL, *token = programs_token(root);
		auto_free char *path = xasprintf(ENTRIES "/%s-" KERNEL "-other.conf", token);

		tree_file(root, OTHER_PLUGIN, "derives\n");
		programs_add_kernel(world, KERNEL);
		programs_add_kernel(world, OLDER);
		before = entries_of(world);
		generate(world, WISH_STATIC, COMMAND_DONE);
		entry = tree_read(root, path);
		assert_contains(entry, "hostdev.guest=");
		generate(world, WISH_OTHER_WORDS, COMMAND_DONE);
		generate(world, WISH_MENU, COMMAND_DONE);
		generate(world, WISH_STATIC, COMMAND_DONE);
		undo(world, COMMAND_DONE);
		assert_entries(world, before);
	}
}

static void rename_entry(int root, const char *from, const char *to)
{
	auto_free char *entry = tree_read(root, from);

	assert_non_null(entry);
	tree_file(root, to, "%s\n", entry);
	tree_remove(root, from);
}

/* Then a choice has no attempts left, and systemd-boot gives it another name when it is started. */
static void counted_choices_are_known_by_every_name(void **state)
{
	static const char *const names[] = {"+0", "+0-1", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_world struct world *world = world_new(WORLD_ENTRIES);
		int root = world->machine->root_fd;
		auto_free char *before = NULL, *with = NULL;
		auto_free char *name =
			xasprintf(ENTRIES "/debian-" KERNEL "-hostdev-1%s.conf", names[i]);

		tree_file(root, "etc/kernel/tries", "3\n");
		rename_entry(root, ENTRY, ENTRIES "/debian-" KERNEL "+3.conf");
		rename_entry(root, ENTRIES "/debian-" OLDER ".conf",
			     ENTRIES "/debian-" OLDER "+3.conf");
		tree_file(root, OTHER_PLUGIN, "steady\n");
		before = entries_of(world);
		generate(world, WISH_MENU, COMMAND_DONE);
		if (strcmp(names[i], "+0") != 0)
			rename_entry(root, ENTRIES "/debian-" KERNEL "-hostdev-1+0.conf", name);
		with = entries_of(world);
		generate(world, WISH_MENU, COMMAND_DONE);
		assert_entries(world, with);
		tree_file(root, OTHER_PLUGIN, "steady meddles\n");
		generate(world, WISH_STATIC, COMMAND_FAILED);
		assert_said(world, AS_BEFORE);
		tree_file(root, OTHER_PLUGIN, "steady\n");
		assert_entries(world, with);
		undo(world, COMMAND_DONE);
		assert_entries(world, before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_plugin_derives_is_no_change),
		cmocka_unit_test(counted_choices_are_known_by_every_name),
	};

	return cmocka_run_group_tests_name("apply-names", tests, NULL, NULL);
}
