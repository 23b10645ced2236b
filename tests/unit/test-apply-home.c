// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a file is to be when a set-up is taken back, where its first text was not ours although the
 * file was.
 */
#include "tests/host/check.h"

#include <string.h>

#include "actions/setup/apply-home.h"
#include "base/cleanup.h"
#include "model/file.h"
#include "state/store.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define CMDLINE "/etc/kernel/cmdline"
#define BASE "root=UUID=0a ro quiet\n"
#define WORDS "hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000 iommu=pt"

struct world {
	struct testhost *machine;
	int store;
	struct setup setup;
};

static int fresh(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->machine = testhost_new("");
	tree_dir(world->machine->root_fd, "var/lib");
	world->store = store_open(&world->machine->host, true, NULL);
	world->setup.mode = xstrdup("static");
	*state = world;
	return world->store < 0;
}

static int stale(void **state)
{
	struct world *world = *state;

	setup_done(&world->setup);
	close(world->store);
	testhost_free(&world->machine);
	free(world);
	return 0;
}

/* NULL: absent. */
static void value_of(const struct world *world, const char *text, char ret[CELL_VALUE_SIZE])
{
	auto_content struct host_content content = CONTENT_INIT;
	struct file_value value;

	if (text) {
		content.type = CONTENT_REGULAR;
		content.mode = 0644;
		text_append(&content.bytes, text, strlen(text));
	}
	assert_int_equal(store_value_of(world->store, &content, &value, NULL), 0);
	file_value_format(&value, ret);
}

/* A file that we have made what "after" says is "now": expected NULL, and it is to go. */
static void check(const struct world *world, const char *path, const char *after, const char *now,
		  const char *expected)
{
	char before_value[CELL_VALUE_SIZE], after_value[CELL_VALUE_SIZE];
	const struct apply_home how = {.store = world->store,
				       .path = path,
				       .setup = &world->setup,
				       .before = before_value,
				       .after = after_value};
	auto_content struct host_content found = {.type = CONTENT_REGULAR, .mode = 0644};
	struct apply_home_result home = {.content = CONTENT_INIT};
	struct error err = ERROR_INIT;

	value_of(world, NULL, before_value);
	value_of(world, after, after_value);
	text_append(&found.bytes, now, strlen(now));
	/* Whoever has edited it may have done more than that. */
	if (expected) {
		found.mode = 0640;
		found.uid = 3;
		found.gid = 4;
		text_append(&found.xattrs, "theirs", 6);
	}
	assert_ok(apply_home(&how, &found, &home, &err), &err);
	assert_true(home.changes);
	assert_int_equal(home.content.type, expected ? CONTENT_REGULAR : CONTENT_ABSENT);
	if (expected) {
		assert_text(home.content.bytes.data, expected);
		assert_int_equal(home.content.mode, 0640);
		assert_int_equal(home.content.uid, 3);
		assert_int_equal(home.content.gid, 4);
		assert_text(home.content.xattrs.data, "theirs");
	}
	host_content_done(&home.content);
}

static void words_of_the_host_stay_with_those_of_its_user(void **state)
{
	struct world *world = *state;

	setup_add_choice(&world->setup, xstrdup("static"), xstrdup(WORDS));
	check(world, CMDLINE, BASE, BASE "mitigations=auto\n", BASE "mitigations=auto\n");
	check(world, CMDLINE, BASE, "root=UUID=0a ro mitigations=auto\n",
	      "root=UUID=0a ro mitigations=auto\n");
	check(world, CMDLINE, BASE WORDS "\n", BASE WORDS "\nmitigations=auto\n",
	      BASE "mitigations=auto\n");
	check(world, CMDLINE, BASE WORDS "\n", BASE WORDS " mitigations=auto\n",
	      BASE "mitigations=auto\n");
}

static void words_without_devices_are_ours_too(void **state)
{
	struct world *world = *state;

	setup_add_choice(&world->setup, xstrdup("dynamic"), xstrdup("intel_iommu=on"));
	check(world, CMDLINE, BASE "intel_iommu=on\n", BASE "intel_iommu=on\nmitigations=auto\n",
	      BASE "mitigations=auto\n");
}

static void what_nobody_has_edited_goes(void **state)
{
	struct world *world = *state;

	setup_add_choice(&world->setup, xstrdup("static"), xstrdup(WORDS));
	check(world, CMDLINE, BASE, BASE, NULL);
	check(world, CMDLINE, BASE WORDS "\n", BASE WORDS "\n", NULL);
	check(world, CMDLINE, BASE, "\n", NULL);
}

static void a_file_that_is_ours_as_a_whole_keeps_only_what_is_new(void **state)
{
	struct world *world = *state;

	setup_add_choice(&world->setup, xstrdup("static"), xstrdup(WORDS));
	check(world, "/etc/default/grub.d/zz-hostdev-hook.cfg", BASE, BASE "mine=1\n", "mine=1\n");
}

/* A file with several names is written in place: whoever is killed leaves the beginning of it. */
static void half_a_file_is_ours_only_where_somebody_was_killed(void **state)
{
	/* Of what it was, and of what it was to be. */
	static const char *const halves[] = {"", "quiet=", "hostdev=1\nqu"};
	struct world *world = *state;
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];

	value_of(world, "quiet=1\n", before);
	value_of(world, "hostdev=1\nquiet=1\n", after);
	for (size_t i = 0; i < 2 * sizeof(halves) / sizeof(*halves); i++) {
		const struct apply_home how = {.store = world->store,
					       .path = "/etc/default/grub",
					       .setup = &world->setup,
					       .before = before,
					       .after = after,
					       .killed = i % 2};
		auto_content struct host_content now = {.type = CONTENT_REGULAR, .mode = 0644};
		struct apply_home_result home = {.content = CONTENT_INIT};
		struct error err = ERROR_INIT;

		text_append(&now.bytes, halves[i / 2], strlen(halves[i / 2]));
		assert_ok(apply_home(&how, &now, &home, &err), &err);
		assert_true(home.changes);
		if (how.killed)
			assert_text(home.content.bytes.data, "quiet=1\n");
		else
			assert_contains(home.note, "it was edited since");
		host_content_done(&home.content);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)
		TEST(words_of_the_host_stay_with_those_of_its_user),
		TEST(words_without_devices_are_ours_too),
		TEST(what_nobody_has_edited_goes),
		TEST(half_a_file_is_ours_only_where_somebody_was_killed),
		TEST(a_file_that_is_ours_as_a_whole_keeps_only_what_is_new),
#undef TEST
	};

	return cmocka_run_group_tests_name("apply-home", tests, NULL, NULL);
}
