// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "vtconsole" cell: bound, unbound, and a console that cannot be bound because there is nothing
 * to show it on.
 */
#include "tests/unit/cell-helpers.h"

#define FBCON "sys/class/vtconsole/vtcon1"

static int set_bind(struct cells *cells, const char *what, const char *value)
{
	auto_free char *path = xasprintf("sys/%s", what);

	tree_file(cells->root_fd, path, "%s\n", value);
	return 0;
}

static const struct host_ops ops = {.write_attr = cells_write_attr};

static int fresh(void **state)
{
	struct cells *cells = cells_new(&ops);

	tree_file(cells->root_fd, "sys/class/vtconsole/vtcon0/name", "(S) dummy device\n");
	tree_file(cells->root_fd, "sys/class/vtconsole/vtcon0/bind", "0\n");
	tree_file(cells->root_fd, FBCON "/name", "(M) frame buffer device\n");
	tree_file(cells->root_fd, FBCON "/bind", "1\n");
	tree_dir(cells->root_fd, "sys/class/graphics/fb0");
	tree_dir(cells->root_fd, "sys/class/graphics/fbcon");
	cells->react = set_bind;
	*state = cells;
	return 0;
}

static int done(void **state)
{
	cells_free(*state);
	return 0;
}

static void it_is_taken_off_and_put_back(void **state)
{
	struct cells *cells = *state;

	assert_reads(cells, &vtconsole_ops, "vtcon1", "bound");
	assert_reads(cells, &vtconsole_ops, "vtcon0", "unbound");
	assert_sets(cells, &vtconsole_ops, "vtcon1", "unbound");
	assert_reads(cells, &vtconsole_ops, "vtcon1", "unbound");
	assert_sets(cells, &vtconsole_ops, "vtcon1", "bound");
	assert_reads(cells, &vtconsole_ops, "vtcon1", "bound");
	assert_text(cells->log.data, "class/vtconsole/vtcon1/bind 0\n"
				     "class/vtconsole/vtcon1/bind 1\n");
	assert_set_fails(cells, &vtconsole_ops, "vtcon1", "1", EINVAL, "1");
}

/* The kernel takes the driver of consoles away with the last framebuffer, and brings it back. */
static void without_a_framebuffer_there_is_nothing_to_restore(void **state)
{
	struct cells *cells = *state;

	tree_remove(cells->root_fd, "sys/class/graphics/fb0");
	/* Bound is bound, whatever it is on. */
	assert_reads(cells, &vtconsole_ops, "vtcon1", "bound");
	tree_file(cells->root_fd, FBCON "/bind", "0\n");
	assert_unreadable(cells, &vtconsole_ops, "vtcon1", ENODEV, "no framebuffer");
	/* The dummy is no such console. */
	assert_reads(cells, &vtconsole_ops, "vtcon0", "unbound");
	tree_dir(cells->root_fd, "sys/class/graphics/fb1");
	assert_reads(cells, &vtconsole_ops, "vtcon1", "unbound");
	tree_remove(cells->root_fd, FBCON);
	assert_unreadable(cells, &vtconsole_ops, "vtcon1", ENODEV, "vtcon1 is gone");
	assert_string_equal(vtconsole_ops.absent, "unbound");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(it_is_taken_off_and_put_back),
		test(without_a_framebuffer_there_is_nothing_to_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
