// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people do to files of a set-up before it is taken back: it stays, and only what is ours
 * goes.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "state/store.h"
#include "tests/host/tree.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-world.h"

#define DEFAULTS "etc/default/grub"
#define DROP_IN "etc/default/grub.d/zz-hostdev-hook.cfg"
#define CMDLINE "etc/kernel/cmdline"
#define SCRIPT "etc/initramfs-tools/scripts/init-top/00-hostdev-hook"

static struct world *applied(enum world_wish wish, enum world_kind kind)
{
	struct world *world = world_new(kind);

	assert_int_equal(world_generate(world, wish, NULL), COMMAND_DONE);
	return world;
}

static void append(struct world *world, const char *path, const char *line)
{
	auto_close int fd = openat(world->machine->root_fd, path, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_true(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
}

/* In the text of a file, what stands there goes and something else comes. */
static void edit(struct world *world, const char *path, const char *old, const char *new)
{
	auto_free char *text = tree_read(world->machine->root_fd, path);
	char *at = strstr(text, old);

	assert_non_null(at);
	tree_file(world->machine->root_fd, path, "%.*s%s%s\n", (int)(at - text), text, new,
		  at + strlen(old));
}

/* The undo says this of that file, and all else is as at the beginning. */
static void undo(struct world *world, const char *path, const char *note)
{
	auto_free char *said = NULL, *records = NULL, *line = xasprintf("/%s: %s", path, note);

	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	said = world_said(world);
	assert_contains(said, line);
	records = world_records(world);
	assert_text(records, "");
}

#define assert_file(world, path, expected)                                                         \
	do {                                                                                       \
		auto_free char *file_ = tree_read((world)->machine->root_fd, path);                \
		assert_text(file_, expected);                                                      \
	} while (0)

#define assert_rest_as_at_first(world)                                                             \
	do {                                                                                       \
		auto_free char *files_ = world_files(world);                                       \
		assert_text(files_, (world)->first);                                               \
	} while (0)

static void lines_behind_ours_in_a_foreign_file_stay(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB_OLD);
	struct stat status;

	(void)state;
	append(world, DEFAULTS, "GRUB_TIMEOUT=1\n");
	edit(world, DEFAULTS, "GRUB_DEFAULT=0", "GRUB_DEFAULT=2");
	undo(world, DEFAULTS, "it was edited since: only what hostdev-hook had put there");
	assert_file(world, DEFAULTS,
		    "# how GRUB is set up\nGRUB_DEFAULT=2\n"
		    "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_TIMEOUT=1");
	assert_int_equal(fstatat(world->machine->root_fd, DEFAULTS, &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
}

/* The entry is left to the user, who has chosen one of ours or one behind them. */
static void a_default_that_has_counted_ours_is_told(void **state)
{
	static const char told[] = "/boot/grub/grub.cfg: now GRUB starts \"Linux\" by itself, and "
				   "would have started \"";

	(void)state;
	for (int below = 0; below < 2; below++) {
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL, *other = NULL;

		assert_int_equal(world_generate(world, WISH_MENU, NULL), COMMAND_DONE);
		edit(world, DEFAULTS, "GRUB_DEFAULT=0", "GRUB_DEFAULT=1");
		assert_int_equal(below ? world_undo_below(world) : world_undo(world, NULL),
				 COMMAND_DONE);
		said = world_said(world);
		assert_contains(said, told);
		assert_contains(said, "\"1\" is a number, in GRUB_DEFAULT");
		/* Without it there is nothing to tell. */
		edit(world, DEFAULTS, "GRUB_DEFAULT=1", "GRUB_DEFAULT=0");
		assert_int_equal(world_generate(world, WISH_DEFAULT, NULL), COMMAND_DONE);
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
		other = world_said(world);
		assert_null(strstr(other, "by itself"));
	}
}

static void our_words_go_out_of_a_line_that_was_edited(void **state)
{
	auto_world struct world *foreign = applied(WISH_STATIC, WORLD_GRUB_OLD);
	auto_world struct world *own = applied(WISH_STATIC, WORLD_GRUB);
	static const char old[] = "}hostdev.guest=", new[] = "}mitigations=off hostdev.guest=";

	(void)state;
	edit(foreign, DEFAULTS, old, new);
	undo(foreign, DEFAULTS, "it was edited since");
	assert_file(foreign, DEFAULTS,
		    "# how GRUB is set up\nGRUB_DEFAULT=0\n"
		    "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
		    "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+$GRUB_CMDLINE_"
		    "LINUX_DEFAULT }mitigations=off\" # hostdev-hook");
	edit(own, DROP_IN, old, new);
	undo(own, DROP_IN, "it was edited since");
	assert_file(own, DROP_IN,
		    "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+$GRUB_CMDLINE_"
		    "LINUX_DEFAULT }mitigations=off\"");
	assert_true(tree_exists(own->machine->root_fd, "etc/default/grub.d"));
}

/* Somebody has written more into our line, and then comes another set-up, and another. */
static void what_was_written_into_our_line_outlives_set_ups(void **state)
{
	static const char grub[] = "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+"
				   "$GRUB_CMDLINE_LINUX_DEFAULT }";
	static const struct {
		enum world_kind kind;
		const char *path, *old, *new, *kept;
	} cases[] = {
		{WORLD_GRUB_OLD, DEFAULTS, "\" # hostdev-hook", " mine\" # hostdev-hook",
		 "mine\"\n"},
		{WORLD_GRUB_OLD, DEFAULTS, "\" # hostdev-hook", " mine\"", "mine\"\n"},
		{WORLD_GRUB_OLD, DEFAULTS, "}hostdev.", "}mine hostdev.", "mine\"\n"},
		{WORLD_ENTRIES, CMDLINE, "hostdev.", "mine hostdev.", "\nmine\n"},
		{WORLD_ENTRIES, CMDLINE, "quiet\n", "quiet mine ", "\nquiet mine\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_world struct world *world = applied(WISH_STATIC, cases[i].kind);
		bool entries = cases[i].kind == WORLD_ENTRIES;
		int root = world->machine->root_fd;
		auto_free char *text = NULL, *own = NULL;

		edit(world, cases[i].path, cases[i].old, cases[i].new);
		if (entries) {
			programs_add_kernel(world, KERNEL);
			programs_add_kernel(world, OLDER);
		}
		assert_int_equal(world_generate(world, WISH_OTHER_WORDS, NULL), COMMAND_DONE);
		text = tree_read(root, cases[i].path);
		assert_null(strstr(text, "0000:01:00.0"));
		assert_contains(text, cases[i].kept);
		own = xasprintf("%shostdev.guest=0000:03:00.0", entries ? "\n" : grub);
		assert_contains(text, own);
		assert_int_equal(world_generate(world, WISH_OTHER_WORDS, NULL), COMMAND_DONE);
		assert_file(world, cases[i].path, text);
		assert_int_equal(world_generate(world, WISH_MENU, NULL), COMMAND_DONE);
		cleanup_free(&text);
		text = tree_read(root, cases[i].path);
		assert_null(strstr(text, "hostdev."));
		assert_non_null(strstr(text, "mine"));
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
		cleanup_free(&text);
		text = tree_read(root, cases[i].path);
		assert_null(strstr(text, "hostdev."));
		assert_non_null(strstr(text, "mine"));
	}
}

static void lines_in_a_file_of_ours_stay(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);

	(void)state;
	append(world, DROP_IN, "# mine\nGRUB_TIMEOUT=1\n");
	undo(world, DROP_IN, "it was edited since: only");
	assert_file(world, DROP_IN, "# mine\nGRUB_TIMEOUT=1");
}

static void a_file_of_ours_with_nothing_else_goes(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);

	(void)state;
	append(world, DROP_IN, "\n# what is this?\n");
	undo(world, DROP_IN, "it was edited since, and is removed all the same");
	assert_rest_as_at_first(world);
}

static void a_script_of_ours_goes_however_it_was_edited(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);

	(void)state;
	append(world, SCRIPT, "rm -rf /\n");
	undo(world, SCRIPT, "it was edited since, and is removed all the same");
	assert_rest_as_at_first(world);
}

static void another_mode_is_an_edit_too(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);
	auto_world struct world *foreign = applied(WISH_STATIC, WORLD_GRUB_OLD);
	struct stat status;

	(void)state;
	assert_int_equal(fchmodat(world->machine->root_fd, SCRIPT, 0600, 0), 0);
	assert_int_equal(fchmodat(world->machine->root_fd, DROP_IN, 0600, 0), 0);
	undo(world, SCRIPT, "it was edited since, and is removed all the same");
	assert_rest_as_at_first(world);
	assert_int_equal(fchmodat(foreign->machine->root_fd, DEFAULTS, 0600, 0), 0);
	undo(foreign, DEFAULTS, "it was edited since");
	assert_int_equal(fstatat(foreign->machine->root_fd, DEFAULTS, &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void another_mode_of_a_directory_is_none(void **state)
{
	auto_world struct world *world = applied(WISH_CONF, WORLD_GRUB);

	(void)state;
	assert_int_equal(fchmodat(world->machine->root_fd, "etc/hostdev-hook", 0700, 0), 0);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_rest_as_at_first(world);
}

static void what_was_removed_stays_so(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);
	auto_world struct world *foreign = applied(WISH_STATIC, WORLD_GRUB_OLD);

	(void)state;
	tree_remove(world->machine->root_fd, SCRIPT);
	tree_remove(world->machine->root_fd, "etc/default/grub.d");
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_rest_as_at_first(world);
	tree_remove(foreign->machine->root_fd, DEFAULTS);
	undo(foreign, DEFAULTS, "somebody has removed it since: it stays so");
	assert_false(tree_exists(foreign->machine->root_fd, DEFAULTS));
}

static void a_directory_in_which_others_have_something_stays(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);

	(void)state;
	tree_file(world->machine->root_fd, "etc/default/grub.d/90-mine.cfg", "GRUB_TIMEOUT=1\n");
	undo(world, "etc/default/grub.d", "it holds what others have put there: it stays");
	assert_false(tree_exists(world->machine->root_fd, DROP_IN));
	assert_file(world, "etc/default/grub.d/90-mine.cfg", "GRUB_TIMEOUT=1");
}

/* A disk that has lost what the store kept. */
static void lose_bytes(struct world *world)
{
	auto_close int store = store_open(&world->machine->host, false, NULL);

	assert_true(store >= 0);
	store_keep_only(store, NULL, 0);
}

static void what_goes_needs_no_bytes_of_the_store(void **state)
{
	(void)state;
	for (int wish = 0; wish < WISHES; wish++) {
		auto_world struct world *world = applied((enum world_wish)wish, WORLD_GRUB);
		auto_free char *records = NULL;

		lose_bytes(world);
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
		assert_rest_as_at_first(world);
		records = world_records(world);
		assert_text(records, "");
	}
}

static void a_script_that_was_edited_needs_none_to_go(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);

	(void)state;
	append(world, SCRIPT, "rm -rf /\n");
	lose_bytes(world);
	undo(world, SCRIPT, "it was edited since, and is removed all the same");
	assert_rest_as_at_first(world);
}

/* What was lost is told once and again, until somebody has put the file back. */
static void a_foreign_file_needs_its_bytes_until_it_is_home(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB_OLD);
	auto_free char *said = NULL, *records = NULL;
	static const char old[] = "# how GRUB is set up\nGRUB_DEFAULT=0\n"
				  "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"";

	(void)state;
	lose_bytes(world);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(world_undo(world, NULL), GENERATE_INCOMPLETE);
		free(said);
		said = world_said(world);
		assert_contains(said,
				"file /" DEFAULTS ": read /var/lib/hostdev-hook/generate/bytes/");
	}
	assert_false(tree_exists(world->machine->root_fd, SCRIPT));
	tree_file(world->machine->root_fd, DEFAULTS, "%s", old);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	assert_file(world, DEFAULTS, old);
	records = world_records(world);
	assert_text(records, "");
}

/* The second does not need the line, and takes it out of what the user has made of the file. */
static void an_edit_before_the_next_set_up_is_kept(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB_OLD);
	static const char edited[] = "# how GRUB is set up\nGRUB_DEFAULT=0\n"
				     "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_TIMEOUT=1";

	(void)state;
	append(world, DEFAULTS, "GRUB_TIMEOUT=1\n");
	assert_int_equal(world_generate(world, WISH_CONF, NULL), COMMAND_DONE);
	assert_file(world, DEFAULTS, edited);
	undo(world, DEFAULTS, "it was edited since");
	assert_file(world, DEFAULTS, edited);
}

/* The same again puts it right; an undo then finds both what it was and what the user made of it.
 */
static void the_same_again_puts_right_what_was_edited(void **state)
{
	auto_world struct world *world = applied(WISH_STATIC, WORLD_GRUB);
	auto_free char *script = NULL;

	(void)state;
	tree_remove(world->machine->root_fd, SCRIPT);
	append(world, DROP_IN, "GRUB_TIMEOUT=1\n");
	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	assert_int_equal(world_steps(world, WISH_STATIC), 0);
	assert_true(tree_exists(world->machine->root_fd, SCRIPT));
	script = tree_read(world->machine->root_fd, DROP_IN);
	assert_null(strstr(script, "GRUB_TIMEOUT"));
	undo(world, DROP_IN, "it was edited since: only");
	assert_file(world, DROP_IN, "GRUB_TIMEOUT=1");
	assert_false(tree_exists(world->machine->root_fd, SCRIPT));
}

/* A file with two names is written in place; whoever is killed then leaves half of it. */
static void a_file_with_two_names_keeps_both(void **state)
{
	(void)state;
	for (int at = 0, calls = 1; at < calls; at++) {
		const struct strike strike = {.kind = STRIKE_CALL_KILLS, .at = at};
		auto_world struct world *world = world_new(WORLD_GRUB_OLD);
		auto_free char *before = NULL;
		int root = world->machine->root_fd, status;

		assert_int_equal(linkat(root, DEFAULTS, root, "etc/default/same", 0), 0);
		before = world_files(world);
		status = world_generate(world, WISH_IOMMU, at > 0 ? &strike : NULL);
		calls = at > 0 ? calls : world_calls(world);
		assert_int_equal(status, at > 0 ? WORLD_KILLED : COMMAND_DONE);
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
		cleanup_free(&world->first);
		world->first = steal(&before);
		assert_rest_as_at_first(world);
	}
}

static void a_link_stays_a_link(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB_OLD);
	auto_free char *before = NULL, *target = NULL;
	int root = world->machine->root_fd;

	(void)state;
	assert_int_equal(renameat(root, DEFAULTS, root, "etc/grub-defaults"), 0);
	assert_int_equal(symlinkat("../grub-defaults", root, DEFAULTS), 0);
	before = world_files(world);
	assert_int_equal(world_generate(world, WISH_IOMMU, NULL), COMMAND_DONE);
	target = tree_link_name(root, DEFAULTS);
	assert_text(target, "grub-defaults");
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	cleanup_free(&world->first);
	world->first = steal(&before);
	assert_rest_as_at_first(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_behind_ours_in_a_foreign_file_stay),
		cmocka_unit_test(our_words_go_out_of_a_line_that_was_edited),
		cmocka_unit_test(a_default_that_has_counted_ours_is_told),
		cmocka_unit_test(what_was_written_into_our_line_outlives_set_ups),
		cmocka_unit_test(lines_in_a_file_of_ours_stay),
		cmocka_unit_test(a_file_of_ours_with_nothing_else_goes),
		cmocka_unit_test(a_script_of_ours_goes_however_it_was_edited),
		cmocka_unit_test(another_mode_is_an_edit_too),
		cmocka_unit_test(another_mode_of_a_directory_is_none),
		cmocka_unit_test(what_was_removed_stays_so),
		cmocka_unit_test(a_directory_in_which_others_have_something_stays),
		cmocka_unit_test(what_goes_needs_no_bytes_of_the_store),
		cmocka_unit_test(a_script_that_was_edited_needs_none_to_go),
		cmocka_unit_test(a_foreign_file_needs_its_bytes_until_it_is_home),
		cmocka_unit_test(an_edit_before_the_next_set_up_is_kept),
		cmocka_unit_test(the_same_again_puts_right_what_was_edited),
		cmocka_unit_test(a_file_with_two_names_keeps_both),
		cmocka_unit_test(a_link_stays_a_link),
	};

	return cmocka_run_group_tests_name("apply-edits", tests, NULL, NULL);
}
