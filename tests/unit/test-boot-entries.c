// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries of the Boot Loader Specification: whose they are, and what may become of them.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/boot-entries.h"

#define KERNEL "title Debian\noptions    root=UUID=0a ro quiet\nlinux /debian/6.12/linux\n"
#define WORDS "hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000"

static void names_tell_whose_they_are(void **state)
{
	(void)state;
	assert_true(boot_entry_is_ours("debian-6.12.48+deb13-amd64-hostdev-2.conf", "debian"));
	assert_true(boot_entry_is_ours("a-hostdev-1-hostdev-12.conf", "a"));
	assert_true(boot_entry_is_ours("debian-6.12-hostdev-2+0.conf", "debian"));
	assert_true(boot_entry_is_ours("debian-6.12-hostdev-2+0-1.conf", "debian"));
	assert_false(boot_entry_is_ours("debian-6.12-hostdev-2+mine.conf", "debian"));
	assert_false(boot_entry_is_ours("debian-6.12-hostdev-2.conf", "0123"));
	assert_false(boot_entry_is_ours("debian-6.12-hostdev-.conf", "debian"));
	assert_false(boot_entry_is_ours("debian-6.12-hostdev-2.conf.bak", "debian"));
	assert_false(boot_entry_is_ours("debian-6.12.conf", "debian"));
	assert_true(boot_entry_is_of("debian-6.12.conf", "debian", "6.12"));
	assert_true(boot_entry_is_of("debian-6.12+3.conf", "debian", "6.12"));
	assert_true(boot_entry_is_of("debian-6.12+2-1.conf", "debian", "6.12"));
	assert_false(boot_entry_is_of("debian-6.12+deb13-amd64.conf", "debian", "6.12"));
	assert_false(boot_entry_is_of("debian-6.12-hostdev-1.conf", "debian", "6.12"));
	assert_false(boot_entry_is_of("debian-6.12", "debian", "6.12"));
	assert_false(boot_entry_is_of("d", "debian", "6.12"));
}

struct world {
	struct text before, after;
	struct setup past, setup;
	bool has_past;
};

static void world_done(struct world *world)
{
	text_done(&world->before);
	text_done(&world->after);
	setup_done(&world->past);
	setup_done(&world->setup);
}

/* A kernel's own entry, and one of another system. */
static void world_make(struct world *world, const char *mode, const char *words)
{
	boot_entries_add(&world->before, ENTRY_KERNEL, "debian-6.12+3.conf", KERNEL);
	boot_entries_add(&world->before, ENTRY_FOREIGN, "windows.conf", "title Windows\n");
	boot_entries_add(&world->after, ENTRY_FOREIGN, "windows.conf", "title Windows\n");
	world->setup.mode = xstrdup(mode);
	if (words)
		setup_add_choice(&world->setup,
				 xstrdup(strcmp(mode, "multiboot") == 0 ? "hostdev-all" : mode),
				 xstrdup(words));
}

static void add_after(struct world *world, enum entry_kind kind, const char *name,
		      const char *options)
{
	auto_free char *content = xasprintf("title x\noptions %s\n", options);

	boot_entries_add(&world->after, kind, name, content);
}

/* "" for what is as it must be. */
static void check(struct world *world, const char *expected)
{
	struct error err = ERROR_INIT;
	int result = boot_entries_compare(world->before.data, world->has_past ? &world->past : NULL,
					  world->after.data, &world->setup, &err);

	assert_int_equal(result, *expected ? -EINVAL : 0);
	assert_contains(err.text, expected);
}

static void usual_entries_have_the_words(void **state)
{
	cleanup(world_done) struct world good = {0}, without = {0}, other = {0};

	(void)state;
	world_make(&good, "static", WORDS " intel_iommu=on");
	add_after(&good, ENTRY_KERNEL, "debian-6.12+3-0.conf",
		  "root=UUID=0a ro\noptions quiet " WORDS " intel_iommu=on");
	check(&good, "");
	world_make(&without, "static", WORDS);
	add_after(&without, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	check(&without, "debian-6.12 lacks words");
	world_make(&other, "static", WORDS);
	add_after(&other, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0b ro quiet " WORDS);
	check(&other, "had the options \"root=UUID=0a ro quiet\"");
}

static void words_of_the_set_up_before_are_no_change(void **state)
{
	cleanup(world_done) struct world world = {.has_past = true};

	(void)state;
	world.past.mode = xstrdup("static");
	setup_add_choice(&world.past, xstrdup("static"), xstrdup("quiet"));
	world_make(&world, "static", NULL);
	add_after(&world, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro");
	check(&world, "");
}

static void what_others_have_stays(void **state)
{
	cleanup(world_done) struct world gone = {0}, changed = {0}, added = {0};

	(void)state;
	world_make(&gone, "static", NULL);
	check(&gone, "the entry debian-6.12+3.conf is gone");
	world_make(&changed, "static", NULL);
	text_done(&changed.after);
	add_after(&changed, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	boot_entries_add(&changed.after, ENTRY_FOREIGN, "windows.conf", "title Doors\n");
	check(&changed, "windows.conf of others has changed");
	world_make(&added, "static", NULL);
	add_after(&added, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	add_after(&added, ENTRY_FOREIGN, "new.conf", "root=UUID=0a ro quiet");
	check(&added, "new.conf was not there before");
}

static void others_may_get_our_words_and_lose_them(void **state)
{
	static const struct {
		const char *before, *after;
		bool alike;
	} cases[] = {
		{"options ro\nlinux /x\n", "options ro " WORDS "\nlinux /x\n", true},
		{"options ro old\nlinux /x\n", "options ro\nlinux /x\n", true},
		{"options old ro\n", "options\t" WORDS " ro\n", true},
		{"options ro\n", "options ro " WORDS " more\n", false},
		{"options ro\n", "options ro " WORDS "0\n", false},
		{"options ro more\n", "options ro " WORDS "\n", false},
		{"options ro\n", "options\nro\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cleanup(world_done) struct world world = {.has_past = true};

		world.past.mode = xstrdup("static");
		setup_add_choice(&world.past, xstrdup("static"), xstrdup("old"));
		world_make(&world, "static", WORDS);
		add_after(&world, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet " WORDS);
		boot_entries_add(&world.before, ENTRY_FOREIGN, "a.conf", cases[i].before);
		boot_entries_add(&world.after, ENTRY_FOREIGN, "a.conf", cases[i].after);
		check(&world, cases[i].alike ? "" : "a.conf of others has changed");
	}
}

static void each_choice_has_an_entry(void **state)
{
	cleanup(world_done) struct world good = {0}, missing = {0}, wrong = {0}, left = {0};

	(void)state;
	world_make(&good, "multiboot", WORDS);
	add_after(&good, ENTRY_KERNEL, "debian-6.12+3.conf", "root=UUID=0a ro quiet");
	add_after(&good, ENTRY_OURS, "debian-6.12-hostdev-1+0-1.conf",
		  "root=UUID=0a ro quiet " WORDS);
	check(&good, "");
	world_make(&missing, "multiboot", WORDS);
	add_after(&missing, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	check(&missing, "there is no entry debian-6.12-hostdev-1");
	world_make(&wrong, "multiboot", WORDS);
	add_after(&wrong, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	add_after(&wrong, ENTRY_OURS, "debian-6.12-hostdev-1.conf", "root=UUID=0a ro quiet");
	check(&wrong, "has not the options of its kernel");
	world_make(&left, "static", NULL);
	add_after(&left, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	add_after(&left, ENTRY_OURS, "debian-6.12-hostdev-1.conf", "root=UUID=0a ro quiet");
	check(&left, "is left over");
}

static void what_is_there_is_verified(void **state)
{
	cleanup(world_done) struct world world = {0};
	struct error err = ERROR_INIT;

	(void)state;
	world_make(&world, "multiboot", WORDS);
	add_after(&world, ENTRY_KERNEL, "debian-6.12.conf", "root=UUID=0a ro quiet");
	assert_int_equal(boot_entries_have_setup(world.after.data, &world.setup, &err), -EINVAL);
	assert_contains(err.text, "there is no entry debian-6.12-hostdev-1");
	add_after(&world, ENTRY_OURS, "debian-6.12-hostdev-1.conf", "root=UUID=0a ro quiet " WORDS);
	assert_ok(boot_entries_have_setup(world.after.data, &world.setup, &err), &err);
	assert_int_equal(boot_entries_have_setup("nonsense\n", &world.setup, &err), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell_whose_they_are),
		cmocka_unit_test(usual_entries_have_the_words),
		cmocka_unit_test(words_of_the_set_up_before_are_no_change),
		cmocka_unit_test(what_others_have_stays),
		cmocka_unit_test(others_may_get_our_words_and_lose_them),
		cmocka_unit_test(each_choice_has_an_entry),
		cmocka_unit_test(what_is_there_is_verified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
