// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "udev" cell: where a device's uevent is, and that it is udev's answer that counts.
 */
#include "tests/unit/cell-helpers.h"

#define CARD "sys/dev/char/226:0"
#define KNOWN "run/udev/data/c226:0"

static const struct host_ops ops = {.write_attr = cells_write_attr};

static int fresh(void **state)
{
	struct cells *cells = cells_new(&ops);

	tree_dir(cells->root_fd, CARD);
	tree_dir(cells->root_fd, "sys/class/sound/card1");
	tree_dir(cells->root_fd, "sys/dev/block/259:1");
	tree_file(cells->root_fd, KNOWN, "E:TAGS=:seat:\n");
	*state = cells;
	return 0;
}

static int done(void **state)
{
	cells_free(*state);
	return 0;
}

static void known_is_what_udev_has(void **state)
{
	struct cells *cells = *state;

	assert_reads(cells, &udev_ops, "c226:0", "known");
	assert_reads(cells, &udev_ops, "b259:1", "withdrawn");
	assert_reads(cells, &udev_ops, "+sound:card1", "withdrawn");
	tree_file(cells->root_fd, "run/udev/data/+sound:card1", "x");
	assert_reads(cells, &udev_ops, "+sound:card1", "known");
	/* Still in the database, but of a device that is not: with its driver, its number went. */
	tree_remove(cells->root_fd, CARD);
	assert_unreadable(cells, &udev_ops, "c226:0", ENODEV, "c226:0 is gone");
	assert_unreadable(cells, &udev_ops, "+sound:card2", ENODEV, "+sound:card2");
}

static void other_targets_are_refused(void **state)
{
	static const char *const bad[] = {"",        "c",          "c226",       "x226:0", "n2",
					  "c../:0",  "+a/b:card1", "+sound:../", "+:card", "c:0",
					  "+sound:", "+sound:..",  "+..:card1"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_unreadable(*state, &udev_ops, bad[i], EINVAL, bad[i]);
		assert_set_fails(*state, &udev_ops, bad[i], "withdrawn", EINVAL, bad[i]);
	}
	assert_set_fails(*state, &udev_ops, "c226:0", "gone", EINVAL, "gone");
	assert_string_equal(((struct cells *)*state)->log.data, "");
}

static void forget(struct cells *cells)
{
	tree_remove(cells->root_fd, KNOWN);
}

static void learn(struct cells *cells)
{
	tree_file(cells->root_fd, KNOWN, "x");
}

/* udev, which comes to it a moment later. */
static int daemon_reacts(struct cells *cells, const char *what, const char *value)
{
	(void)what;
	cells_later(cells, strcmp(value, "add") == 0 ? learn : forget);
	return 0;
}

static void set_waits_for_udev(void **state)
{
	struct cells *cells = *state;

	cells->react = daemon_reacts;
	assert_sets(cells, &udev_ops, "c226:0", "withdrawn");
	assert_reads(cells, &udev_ops, "c226:0", "withdrawn");
	waitpid(cells->helper, NULL, 0);
	assert_sets(cells, &udev_ops, "c226:0", "known");
	assert_reads(cells, &udev_ops, "c226:0", "known");
	assert_text(cells->log.data, "dev/char/226:0/uevent remove\n"
				     "dev/char/226:0/uevent add\n");
}

static void each_has_its_place(void **state)
{
	struct cells *cells = *state;

	assert_sets(cells, &udev_ops, "b259:1", "withdrawn");
	assert_sets(cells, &udev_ops, "+sound:card1", "withdrawn");
	assert_text(cells->log.data, "dev/block/259:1/uevent remove\n"
				     "class/sound/card1/uevent remove\n");
}

/*
 * A card without its "change" has no SOUND_INITIALIZED, and no sound server takes it. Nothing comes
 * before it: between two events a kill would leave the card known, and seemingly at home.
 */
static void a_sound_card_is_told_to_be_complete(void **state)
{
	struct cells *cells = *state;

	tree_file(cells->root_fd, "run/udev/data/+sound:card1", "x");
	assert_sets(cells, &udev_ops, "+sound:card1", "known");
	assert_text(cells->log.data, "class/sound/card1/uevent change\n");
}

static void an_udev_that_does_not_answer_is_told(void **state)
{
	assert_set_fails(*state, &udev_ops, "c226:0", "withdrawn", ETIMEDOUT,
			 "udev has not dropped");
}

static int refuse(struct cells *cells, const char *what, const char *value)
{
	(void)cells;
	(void)what;
	(void)value;
	return EACCES;
}

static void a_write_that_fails_is_told(void **state)
{
	((struct cells *)*state)->react = refuse;
	assert_set_fails(*state, &udev_ops, "c226:0", "withdrawn", EACCES, "226:0/uevent");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(known_is_what_udev_has),
		test(other_targets_are_refused),
		test(set_waits_for_udev),
		test(each_has_its_place),
		test(a_sound_card_is_told_to_be_complete),
		test(an_udev_that_does_not_answer_is_told),
		test(a_write_that_fails_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
