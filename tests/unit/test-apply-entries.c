// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of the entries of kernels when kernel-install has written them anew for a set-up,
 * and that is taken back: on a host whose kernel-install is played.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "actions/setup/apply-run.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "state/setups.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define ENTRY "efi/loader/entries/debian-6.12.conf"
#define OTHER "efi/loader/entries/debian-6.11.conf"
#define USUAL "root=UUID=0a ro quiet"
#define MINE "# mine\ntitle My Debian\noptions " USUAL "\nlinux /debian/6.12/linux\ninitrd /ucode\n"
#define BUILD "entries:/usr/bin/kernel-install,/efi,debian"

/* What kernel-install gives to every entry besides the words of /etc/kernel/cmdline. */
static const char *surprise = "";

static bool is_gone; /* kernel-install */

static int run(struct host *host, char *const *argv, struct text *said, struct error *err)
{
	struct testhost *machine = host->ops_data;
	auto_free char *words = tree_read(machine->root_fd, "etc/kernel/cmdline");
	auto_free char *path = xasprintf("efi/loader/entries/debian-%s.conf", argv[2]);

	(void)said;
	if (is_gone)
		return error_set(err, ENOENT, "%s: there is no such program", argv[0]);
	for (char *newline; (newline = strchr(words, '\n'));)
		*newline = ' ';
	for (size_t length = strlen(words); words[length - 1] == ' ';)
		words[--length] = '\0';
	tree_file(machine->root_fd, path, "title Debian\noptions %s%s\nlinux /debian/%s/linux\n",
		  words, surprise, argv[2]);
	return 0;
}

static int put(struct host *host, const char *path, const struct host_content *content,
	       struct error *err)
{
	return host_ops_files.file_put(host, path, content, err);
}

static const struct host_ops operations = {.file_put = put, .command_run = run};

struct world {
	struct testhost *machine;
	struct setups setups;
};

static void add_kernel(int root, const char *release)
{
	auto_free char *modules = xasprintf("lib/modules/%s", release);
	auto_free char *image = xasprintf("boot/vmlinuz-%s", release);
	auto_free char *copy = xasprintf("efi/debian/%s/linux", release);

	tree_dir(root, modules);
	tree_file(root, image, "kernel");
	tree_file(root, copy, "kernel");
}

static int fresh(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	int root;

	surprise = "";
	is_gone = false;
	world->machine = testhost_new("");
	root = world->machine->root_fd;
	tree_dir(root, "var/lib");
	tree_file(root, "etc/kernel/cmdline", USUAL "\n");
	tree_file(root, "efi/ucode", "code");
	add_kernel(root, "6.12");
	tree_file(root, ENTRY, MINE);
	host_close(&world->machine->host);
	world->setups = (struct setups)SETUPS_INIT;
	*state = world;
	return host_open(&world->machine->host, world->machine->root, &operations, world->machine,
			 NULL) < 0
		       ? -1
		       : setups_open(&world->machine->host, &world->setups, NULL);
}

static int stale(void **state)
{
	struct world *world = *state;

	setups_done(&world->setups);
	testhost_free(&world->machine);
	free(world);
	return 0;
}

static void add(struct setup *setup, enum step_kind kind, const char *target, const char *before,
		const char *after)
{
	const struct step step = {.kind = kind,
				  .target = xstrdup(target),
				  .before = xstrdup(before),
				  .after = xstrdup(after),
				  .why = xstrdup("")};

	setup_add_step(setup, &step);
}

/* The steps of a set-up around its files, which the test writes itself. */
static struct setup_entry *begin(struct world *world, const char *words, int *ret_record)
{
	struct setup setup = {.mode = xstrdup("static"),
			      .arguments = xstrdup("--devices x"),
			      .version = xstrdup("1"),
			      .kernel = xstrdup("6.12")};
	struct error err = ERROR_INIT;

	setup_add_choice(&setup, xstrdup("static"), xstrdup(words));
	add(&setup, STEP_CHECK, "entries-base:/efi,debian", "open", "passed");
	add(&setup, STEP_BUILD, BUILD, "built", "stale");
	add(&setup, STEP_BUILD, BUILD, "stale", "built");
	add(&setup, STEP_CHECK, "entries:/efi,debian", "open", "passed");
	assert_ok(setups_create(&world->setups, &setup, ret_record, &err), &err);
	return &world->setups.items[world->setups.count - 1];
}

static void write_words(struct world *world, const char *words)
{
	tree_file(world->machine->root_fd, "etc/kernel/cmdline", USUAL "\n%s\n", words);
}

/* With these words behind the usual ones, as a set-up of "static" has them. */
static void apply_words(struct world *world, const char *words)
{
	auto_close int record = -1;
	struct setup_entry *entry = begin(world, words, &record);
	struct error err = ERROR_INIT;
	struct apply apply = {.host = &world->machine->host,
			      .store = world->setups.dir,
			      .record = record,
			      .setup = &entry->setup};

	if (world->setups.count > 1)
		apply.past = &world->setups.items[world->setups.count - 2].setup;
	write_words(world, words);
	assert_ok(apply_run(&apply, &err), &err);
}

static void undo_newest(struct world *world, const char *words)
{
	struct setup_entry *entry = &world->setups.items[world->setups.count - 1];
	auto_close int record = -1;
	struct error err = ERROR_INIT;
	struct apply apply = {
		.host = &world->machine->host, .store = world->setups.dir, .setup = &entry->setup};

	if (world->setups.count > 1)
		apply.next = &world->setups.items[world->setups.count - 2].setup;
	write_words(world, words);
	assert_ok(setups_open_entry(&world->setups, entry, &record, &err), &err);
	apply.record = record;
	assert_ok(apply_undo(&apply, &err), &err);
	assert_ok(setups_remove(&world->setups, entry, &err), &err);
}

#define assert_file(world, path, expected)                                                         \
	do {                                                                                       \
		auto_free char *file_ = tree_read((world)->machine->root_fd, path);                \
		assert_text(file_, expected);                                                      \
	} while (0)

/* tree_read leaves the last newline out. */
#define MINE_READ                                                                                  \
	"# mine\ntitle My Debian\noptions " USUAL "\nlinux /debian/6.12/linux\ninitrd /ucode"

static void assert_nothing_kept(const struct world *world)
{
	int root = world->machine->root_fd;

	assert_false(tree_exists(root, "var/lib/hostdev-hook/generate/entries-base"));
	assert_false(tree_exists(root, "var/lib/hostdev-hook/generate/entries-first"));
	assert_false(tree_exists(root, "var/lib/hostdev-hook/generate/entries-built"));
}

static void what_was_written_by_hand_comes_back(void **state)
{
	struct world *world = *state;

	apply_words(world, "w=1");
	assert_file(world, ENTRY, "title Debian\noptions " USUAL " w=1\nlinux /debian/6.12/linux");
	undo_newest(world, "");
	assert_file(world, ENTRY, MINE_READ);
	assert_nothing_kept(world);
}

static void it_comes_back_from_before_the_first_of_two(void **state)
{
	struct world *world = *state;

	apply_words(world, "w=1");
	apply_words(world, "w=2");
	undo_newest(world, "w=1");
	undo_newest(world, "");
	assert_file(world, ENTRY, MINE_READ);
	assert_nothing_kept(world);
}

/* Nobody foresaw what kernel-install does here; the failure is found, and nothing is lost by it. */
static void a_failure_leaves_each_byte(void **state)
{
	struct world *world = *state;
	auto_close int record = -1;
	struct setup_entry *entry;
	struct error err = ERROR_INIT;
	struct apply apply;

	surprise = " surprise";
	entry = begin(world, "w=1", &record);
	apply = (struct apply){.host = &world->machine->host,
			       .store = world->setups.dir,
			       .record = record,
			       .setup = &entry->setup};
	write_words(world, "w=1");
	assert_int_equal(apply_run(&apply, &err), -EINVAL);
	assert_contains(err.text, "had the options");
	apply.at_once = true;
	write_words(world, "");
	assert_ok(apply_undo(&apply, &err), &err);
	assert_file(world, ENTRY, MINE_READ);
	assert_nothing_kept(world);
}

static void a_failure_of_the_second_goes_back_to_the_first(void **state)
{
	struct world *world = *state;
	auto_close int record = -1;
	struct setup_entry *entry;
	struct error err = ERROR_INIT;
	struct apply apply;

	apply_words(world, "w=1");
	surprise = " surprise";
	entry = begin(world, "w=2", &record);
	apply = (struct apply){.host = &world->machine->host,
			       .store = world->setups.dir,
			       .record = record,
			       .past = &world->setups.items[0].setup,
			       .setup = &entry->setup};
	write_words(world, "w=2");
	assert_int_equal(apply_run(&apply, &err), -EINVAL);
	apply.at_once = true;
	write_words(world, "w=1");
	assert_ok(apply_undo(&apply, &err), &err);
	assert_ok(setups_remove(&world->setups, entry, &err), &err);
	assert_file(world, ENTRY, "title Debian\noptions " USUAL " w=1\nlinux /debian/6.12/linux");
	surprise = "";
	undo_newest(world, "");
	assert_file(world, ENTRY, MINE_READ);
	assert_nothing_kept(world);
}

static void other_words_since_then_stay(void **state)
{
	struct world *world = *state;

	apply_words(world, "w=1");
	undo_newest(world, "mitigations=auto");
	assert_file(world, ENTRY,
		    "# mine\ntitle My Debian\noptions " USUAL
		    " mitigations=auto\nlinux /debian/6.12/linux\ninitrd /ucode");
	assert_nothing_kept(world);
}

/* What it starts with was renamed meanwhile, or went. */
static void an_entry_that_cannot_start_does_not_come_back(void **state)
{
	struct world *world = *state;

	apply_words(world, "w=1");
	tree_remove(world->machine->root_fd, "efi/ucode");
	undo_newest(world, "");
	assert_file(world, ENTRY, "title Debian\noptions " USUAL "\nlinux /debian/6.12/linux");
}

static void kernels_come_and_go_meanwhile(void **state)
{
	struct world *world = *state;
	int root = world->machine->root_fd;

	apply_words(world, "w=1");
	add_kernel(root, "6.11");
	tree_file(root, OTHER, "title Debian\noptions " USUAL " w=1\nlinux /debian/6.11/linux\n");
	tree_remove(root, ENTRY);
	tree_remove(root, "lib/modules/6.12");
	undo_newest(world, "");
	assert_file(world, OTHER, "title Debian\noptions " USUAL "\nlinux /debian/6.11/linux");
	assert_false(tree_exists(root, ENTRY));
	assert_nothing_kept(world);
}

static void a_kernel_install_that_is_gone_holds_nothing_up(void **state)
{
	struct world *world = *state;

	apply_words(world, "w=1");
	is_gone = true;
	undo_newest(world, "");
	assert_file(world, ENTRY, "title Debian\noptions " USUAL " w=1\nlinux /debian/6.12/linux");
	assert_nothing_kept(world);
}

static void entries_that_are_gone_hold_nothing_up(void **state)
{
	struct world *world = *state;

	apply_words(world, "w=1");
	tree_remove(world->machine->root_fd, ENTRY);
	undo_newest(world, "");
	assert_false(tree_exists(world->machine->root_fd, ENTRY));
	assert_nothing_kept(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)
		TEST(what_was_written_by_hand_comes_back),
		TEST(it_comes_back_from_before_the_first_of_two),
		TEST(a_failure_leaves_each_byte),
		TEST(a_failure_of_the_second_goes_back_to_the_first),
		TEST(other_words_since_then_stay),
		TEST(an_entry_that_cannot_start_does_not_come_back),
		TEST(kernels_come_and_go_meanwhile),
		TEST(a_kernel_install_that_is_gone_holds_nothing_up),
		TEST(entries_that_are_gone_hold_nothing_up),
#undef TEST
	};

	return cmocka_run_group_tests_name("apply-entries", tests, NULL, NULL);
}
