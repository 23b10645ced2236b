// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people, packages and other plugins of kernel-install do to boot entries while a set-up is
 * applied, or before it is taken back.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "model/boot-entries.h"
#include "tests/host/tree.h"
#include "tests/model/setup-calls.h"
#include "tests/model/setup-host.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-world.h"

#define ENTRY ENTRIES "/debian-" KERNEL ".conf"
#define AS_BEFORE "this host is as it was before"

#define assert_not_said(world, part)                                                               \
	do {                                                                                       \
		auto_free char *said_ = world_said(world);                                         \
		assert_null(strstr(said_, part));                                                  \
	} while (0)

#define assert_records(world, expected)                                                            \
	do {                                                                                       \
		auto_free char *records_ = world_records(world);                                   \
		assert_text(records_, expected);                                                   \
	} while (0)

/* --- while it is applied --- */

/* first -1: nothing is in force before. */
static void fails_with(enum world_kind kind, int first, enum world_wish wish, const char *plugin)
{
	auto_world struct world *world = world_new(kind);
	auto_free char *before = NULL, *records = NULL;

	if (first >= 0)
		generate(world, (enum world_wish)first, COMMAND_DONE);
	tree_file(world->machine->root_fd, OTHER_PLUGIN, "%s\n", plugin);
	before = world_files(world);
	records = world_records(world);
	generate(world, wish, COMMAND_FAILED);
	assert_said(world, AS_BEFORE);
	assert_not_said(world, "but for what others");
	assert_files(world, before);
	assert_records(world, records);
}

static void what_another_plugin_changes_comes_back(void **state)
{
	static const char *const plugins[] = {"derives meddles", "steady meddles",
					      "steady appends"};

	(void)state;
	for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
		fails_with(WORLD_ENTRIES, -1, WISH_STATIC, plugins[i]);
		fails_with(WORLD_ENTRIES_BARE, WISH_MENU, WISH_STATIC, plugins[i]);
	}
}

static void what_another_plugin_adds_is_left_and_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int root = world->machine->root_fd;

	(void)state;
	tree_file(root, OTHER_PLUGIN, "steady adds\n");
	generate(world, WISH_MENU, COMMAND_FAILED);
	assert_said(world, "/" ENTRIES "/debian-" KERNEL "-more.conf: it was written meanwhile, by "
			   "others: it is left");
	assert_said(world, AS_BEFORE ", but for what others have written meanwhile");
	assert_records(world, "");
	tree_remove(root, ENTRIES "/debian-" KERNEL "-more.conf");
	tree_remove(root, ENTRIES "/debian-" OLDER "-more.conf");
	tree_file(root, OTHER_PLUGIN, "steady\n");
	undo(world, COMMAND_DONE);
}

/* Where attempts to boot are counted, an entry that is written anew has another name. */
static void counted_attempts_come_back(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int root = world->machine->root_fd;
	auto_free char *entry = tree_read(root, ENTRY), *now = NULL;

	(void)state;
	tree_file(root, "etc/kernel/tries", "3\n");
	tree_file(root, ENTRIES "/debian-" KERNEL "+2-1.conf", "%s\n", entry);
	tree_remove(root, ENTRY);
	tree_file(root, OTHER_PLUGIN, "steady meddles\n");
	generate(world, WISH_STATIC, COMMAND_FAILED);
	assert_said(world, AS_BEFORE);
	assert_not_said(world, "but for what others");
	tree_file(root, OTHER_PLUGIN, "steady\n");
	now = world_files(world);
	assert_null(strstr(now, "+3.conf"));
	/* kernel-install had removed it. */
	assert_non_null(strstr(now, "debian-" KERNEL "+2-1.conf 0644 "));
	generate(world, WISH_STATIC, COMMAND_DONE);
	undo(world, COMMAND_DONE);
	cleanup_free(&now);
	now = tree_read(root, ENTRIES "/debian-" KERNEL "+3.conf");
	assert_text(now, entry);
}

#define COUNTED ENTRIES "/debian-" KERNEL "+3.conf"

/* The names of the running kernel's own entries, one blank behind each; heap. */
static char *names_of(struct world *world)
{
	auto_text struct text names = TEXT_INIT;

	text_append(&names, "", 0);
	for (size_t i = 0;; i++) {
		auto_free char *name = tree_entry(world->machine->root_fd, ENTRIES, i);

		if (!name)
			return steal(&names.data);
		if (boot_entry_is_of(name, "debian", KERNEL))
			text_printf(&names, "%s ", name);
	}
}

#define assert_names(world, expected)                                                              \
	do {                                                                                       \
		auto_free char *names_ = names_of(world);                                          \
		assert_text(names_, expected);                                                     \
	} while (0)

/* As of version 252, beside one that systemd has found good, and one that was tried once. */
static void an_entry_under_an_older_count_goes_with_its_words(void **state)
{
	static const enum world_wish wishes[] = {WISH_STATIC, WISH_MENU, WISH_CONF};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		auto_world struct world *world = world_new(WORLD_ENTRIES);
		int root = world->machine->root_fd;
		auto_free char *entry = tree_read(root, ENTRY), *before = NULL, *now = NULL;

		world->leaves_counted = true;
		tree_file(root, "etc/kernel/tries", "3\n");
		if (i >= 3)
			tree_file(root, ENTRIES "/debian-" KERNEL "+2-1.conf", "%s\n", entry);
		tree_file(root, OTHER_PLUGIN, "steady meddles\n");
		before = world_files(world);
		generate(world, wishes[i % 3], COMMAND_FAILED);
		assert_files(world, before);
		tree_file(root, OTHER_PLUGIN, "steady\n");
		generate(world, wishes[i % 3], COMMAND_DONE);
		assert_names(world, "debian-" KERNEL "+3.conf ");
		/* It was started, and found good. */
		assert_int_equal(renameat(root, COUNTED, root, ENTRY), 0);
		generate(world, WISH_OTHER_WORDS, COMMAND_DONE);
		assert_names(world, "debian-" KERNEL "+3.conf ");
		assert_int_equal(renameat(root, COUNTED, root, ENTRY), 0);
		undo(world, COMMAND_DONE);
		assert_not_said(world, "words that reserve");
		assert_names(world, "debian-" KERNEL "+3.conf ");
		now = tree_read(root, COUNTED);
		assert_text(now, entry);
	}
}

/* What was kept of the entries does not need it. */
static void half_an_entry_is_whole_again(void **state)
{
	static const struct {
		int first;
		enum world_wish wish;
	} pairs[] = {{-1, WISH_STATIC}, {WISH_STATIC, WISH_MENU}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		auto_world struct world *world = world_new(WORLD_ENTRIES_BARE);
		auto_free char *before = NULL;

		if (pairs[i].first >= 0)
			generate(world, (enum world_wish)pairs[i].first, COMMAND_DONE);
		before = world_files(world);
		world->breaks_entries = true;
		generate(world, pairs[i].wish, GENERATE_INCOMPLETE);
		assert_said(world, "No space left on device");
		{
			auto_text struct text entries = TEXT_INIT;

			tree_list(world->machine->root_fd, ENTRIES, &entries);
			assert_null(strstr(entries.data, "Deb\n"));
		}
		world->breaks_entries = false;
		undo(world, COMMAND_DONE);
		assert_files(world, world->first);
		assert_records(world, "");
	}
}

/* --- before it is taken back --- */

static void change_kernels(const struct world *world)
{
	programs_remove_kernel(world, OLDER);
	setup_host_add_kernel(world->machine->root_fd, NEWER);
	programs_add_kernel(world, NEWER);
}

/* Before the set-up is taken back, or before another one comes over it. */
static void kernels_change(enum world_kind kind, enum world_wish wish, int second)
{
	auto_world struct world *world = world_new(kind), *without = world_new(kind);
	auto_text struct text now = TEXT_INIT, wanted = TEXT_INIT;

	generate(world, wish, COMMAND_DONE);
	change_kernels(world);
	if (second >= 0)
		generate(world, (enum world_wish)second, COMMAND_DONE);
	undo(world, COMMAND_DONE);
	assert_records(world, "");
	/* Without the file, the new kernel would get the words of the running one. */
	if (kind == WORLD_ENTRIES_BARE)
		tree_file(without->machine->root_fd, "etc/kernel/cmdline", "root=UUID=1 ro quiet");
	change_kernels(without);
	tree_list(world->machine->root_fd, "boot", &now);
	tree_list(without->machine->root_fd, "boot", &wanted);
	assert_text(now.data, wanted.data);
}

static void kernels_come_and_go(void **state)
{
	static const enum world_wish wishes[] = {WISH_STATIC, WISH_CONF, WISH_MENU};
	static const int seconds[] = {-1, WISH_MENU, WISH_OTHER_WORDS};

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		kernels_change(WORLD_ENTRIES, wishes[i / 3], seconds[i % 3]);
		kernels_change(WORLD_ENTRIES_BARE, wishes[i / 3], seconds[i % 3]);
	}
}

static void a_kernel_that_is_half_removed_is_no_end(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int root = world->machine->root_fd;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	tree_remove(root, "boot/vmlinuz-" OLDER);
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRIES "/debian-" OLDER ".conf: its kernel has no image any more: "
			   "it stays as it is");
	assert_said(world, "/" ENTRIES "/debian-" OLDER ".conf: it still has words that reserve");
	assert_records(world, "");
}

static void an_entry_without_its_modules_is_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	tree_remove(world->machine->root_fd, "lib/modules/" OLDER);
	tree_remove(world->machine->root_fd, "boot/initrd.img-" OLDER);
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRIES "/debian-" OLDER ".conf: it still has words that reserve");
	assert_not_said(world, "debian-" KERNEL ".conf");
	assert_records(world, "");
}

/* The host is started by something else by now. */
static void entries_that_are_gone_are_no_end(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int root = world->machine->root_fd;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	tree_remove(root, ENTRIES);
	undo(world, GENERATE_INCOMPLETE);
	assert_said(world, "there is no /" ENTRIES ": mount the partition that it is on; or, where "
			   "this host has no such entries any more, create that directory");
	tree_dir(root, ENTRIES);
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRIES ": no kernel has an entry there any more");
	assert_records(world, "");
}

static void kernel_install_that_is_gone_is_no_end(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	tree_remove(world->machine->root_fd, "usr/bin/kernel-install");
	undo(world, COMMAND_DONE);
	assert_said(world, "/usr/bin/kernel-install: it is not there any more: the entries of "
			   "kernels stay as they are");
	assert_said(world, "/" ENTRIES "/debian-" KERNEL ".conf: it still has words that reserve");
	assert_records(world, "");
}

static void words_that_an_entry_alone_has_are_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	generate(world, WISH_OTHER_WORDS, COMMAND_DONE);
	world_edit(world, ENTRY, " quiet", " quiet nomodeset single");
	undo(world, COMMAND_DONE);
	assert_said(world, "/" ENTRY ": it had \"nomodeset single\" besides what kernel-install "
			   "gives to it, which is gone now");
	assert_not_said(world, "debian-" OLDER ".conf");
	assert_files(world, world->first);
}

/* The next set-up does not begin to write such an entry anew. */
static void words_that_an_entry_alone_has_are_refused(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *before = NULL, *records = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	world_edit(world, ENTRY, " quiet", " quiet nomodeset");
	before = world_files(world);
	records = world_records(world);
	generate(world, WISH_MENU, COMMAND_FAILED);
	assert_said(world, "has the options \"root=UUID=1 ro quiet nomodeset\"");
	assert_files(world, before);
	assert_records(world, records);
}

static void words_for_all_kernels_stay(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *text = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	world_edit(world, "etc/kernel/cmdline", " ro", " ro nomodeset");
	undo(world, COMMAND_DONE);
	assert_said(world, "/etc/kernel/cmdline: it was edited since");
	assert_not_said(world, "besides what kernel-install gives");
	text = tree_read(world->machine->root_fd, ENTRY);
	assert_contains(text, "options    root=UUID=1 ro nomodeset quiet\n");
}

/* kernel-install then takes what the running kernel was started with. */
static void without_a_command_line_entries_are_as_they_were(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	int root = world->machine->root_fd;
	auto_free char *before = tree_read(root, ENTRY), *after = NULL;

	(void)state;
	generate(world, WISH_STATIC, COMMAND_DONE);
	tree_remove(root, "etc/kernel/cmdline");
	/* Below another root, that is another host's kernel. */
	undo(world, GENERATE_INCOMPLETE);
	assert_said(world, "that host has no /etc/kernel/cmdline any more");
	world->machine->host.is_own = true;
	undo(world, COMMAND_DONE);
	after = tree_read(root, ENTRY);
	assert_text(after, before);
	assert_false(tree_exists(root, "etc/kernel/cmdline"));
	assert_records(world, "");
}

/* --- the kernel that runs --- */

/* The host is started by the entry. */
static void start_by(struct world *world, const char *name)
{
	int root = world->machine->root_fd;
	auto_free char *token = programs_token(root);
	auto_free char *path = xasprintf(ENTRIES "/%s-%s.conf", token, name);
	auto_free char *text = tree_read(root, path);
	const char *options;

	assert_contains(text, "options    ");
	options = strstr(text, "options    ") + strlen("options    ");
	tree_file(root, "proc/cmdline", "initrd=\\x %.*s\n", (int)strcspn(options, "\n"), options);
}

#define RESTART "restart this host before a kernel is installed"

static void the_words_of_the_kernel_that_runs_are_told(void **state)
{
	static const struct {
		enum world_wish wish;
		const char *entry;
	} starts[] = {{WISH_STATIC, KERNEL}, {WISH_MENU, KERNEL "-hostdev-1"}, {WISH_IOMMU, OLDER}};

	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		auto_world struct world *world = world_new(WORLD_ENTRIES_BARE);
		auto_free char *said = NULL;

		generate(world, starts[i].wish, COMMAND_DONE);
		start_by(world, starts[i].entry);
		undo(world, COMMAND_DONE);
		said = world_said(world);
		assert_contains(said, RESTART);
		assert_null(strstr(strstr(said, RESTART) + 1, RESTART));
		assert_files(world, world->first);
	}
}

#define HOSTS 5

static void who_does_not_run_with_them_is_told_nothing(void **state)
{
	auto_world struct world *usual = world_new(WORLD_ENTRIES_BARE);
	auto_world struct world *not_restarted = world_new(WORLD_ENTRIES_BARE);
	auto_world struct world *with_file = world_new(WORLD_ENTRIES);
	auto_world struct world *with_other = world_new(WORLD_ENTRIES_BARE);
	auto_world struct world *edited = world_new(WORLD_ENTRIES_BARE);
	struct world *const worlds[HOSTS] = {usual, not_restarted, with_file, with_other, edited};

	(void)state;
	for (size_t i = 0; i < HOSTS; i++) {
		generate(worlds[i], i == 0 ? WISH_MENU : WISH_STATIC, COMMAND_DONE);
		if (worlds[i] != not_restarted)
			start_by(worlds[i], KERNEL);
	}
	tree_file(with_other->machine->root_fd, "usr/lib/kernel/cmdline", "root=UUID=1 ro\n");
	world_edit(edited, "etc/kernel/cmdline", " ro", " ro nomodeset");
	for (size_t i = 0; i < HOSTS; i++) {
		undo(worlds[i], COMMAND_DONE);
		assert_not_said(worlds[i], RESTART);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_plugin_changes_comes_back),
		cmocka_unit_test(what_another_plugin_adds_is_left_and_told),
		cmocka_unit_test(counted_attempts_come_back),
		cmocka_unit_test(an_entry_under_an_older_count_goes_with_its_words),
		cmocka_unit_test(half_an_entry_is_whole_again),
		cmocka_unit_test(kernels_come_and_go),
		cmocka_unit_test(a_kernel_that_is_half_removed_is_no_end),
		cmocka_unit_test(an_entry_without_its_modules_is_told),
		cmocka_unit_test(entries_that_are_gone_are_no_end),
		cmocka_unit_test(kernel_install_that_is_gone_is_no_end),
		cmocka_unit_test(words_that_an_entry_alone_has_are_told),
		cmocka_unit_test(words_that_an_entry_alone_has_are_refused),
		cmocka_unit_test(words_for_all_kernels_stay),
		cmocka_unit_test(without_a_command_line_entries_are_as_they_were),
		cmocka_unit_test(the_words_of_the_kernel_that_runs_are_told),
		cmocka_unit_test(who_does_not_run_with_them_is_told_nothing),
	};

	return cmocka_run_group_tests_name("apply-kernels", tests, NULL, NULL);
}
