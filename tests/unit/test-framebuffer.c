// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "framebuffer" cell: the firmware's framebuffer loses its driver and gets it back.
 */
#include "tests/unit/cell-helpers.h"

#define EFI "efi-framebuffer.0"
#define DEVICE "sys/bus/platform/devices/" EFI

static int react(struct cells *cells, const char *what, const char *value)
{
	assert_string_equal(value, EFI);
	if (strstr(what, "/unbind"))
		tree_remove(cells->root_fd, DEVICE "/driver");
	else
		tree_link(cells->root_fd, DEVICE "/driver",
			  "sys/bus/platform/drivers/efi-framebuffer");
	return 0;
}

static const struct host_ops ops = {.write_attr = cells_write_attr};

static int fresh(void **state)
{
	struct cells *cells = cells_new(&ops);

	tree_dir(cells->root_fd, "sys/bus/platform/drivers/efi-framebuffer");
	tree_link(cells->root_fd, DEVICE "/driver", "sys/bus/platform/drivers/efi-framebuffer");
	cells->react = react;
	*state = cells;
	return 0;
}

static int done(void **state)
{
	cells_free(*state);
	return 0;
}

static void it_is_unbound_and_bound(void **state)
{
	struct cells *cells = *state;

	assert_reads(cells, &framebuffer_ops, EFI, "efi-framebuffer");
	assert_sets(cells, &framebuffer_ops, EFI, "none");
	assert_reads(cells, &framebuffer_ops, EFI, "none");
	assert_sets(cells, &framebuffer_ops, EFI, "none");
	assert_sets(cells, &framebuffer_ops, EFI, "efi-framebuffer");
	assert_reads(cells, &framebuffer_ops, EFI, "efi-framebuffer");
	assert_text(cells->log.data, "bus/platform/drivers/efi-framebuffer/unbind " EFI "\n"
				     "bus/platform/drivers/efi-framebuffer/bind " EFI "\n");
}

/* A card's own driver removes it for good. */
static void one_that_is_gone_stays_gone(void **state)
{
	struct cells *cells = *state;

	tree_remove(cells->root_fd, DEVICE);
	assert_unreadable(cells, &framebuffer_ops, EFI, ENODEV, EFI " is gone");
	assert_set_fails(cells, &framebuffer_ops, EFI, "efi-framebuffer", ENODEV, "gone");
	assert_string_equal(framebuffer_ops.absent, "none");
	assert_string_equal(cells->log.data, "");
}

static int refuse(struct cells *cells, const char *what, const char *value)
{
	(void)cells;
	(void)value;
	return strstr(what, "/unbind") ? EIO : 0;
}

static void a_failed_unbind_is_not_followed_by_a_bind(void **state)
{
	struct cells *cells = *state;

	cells->react = refuse;
	assert_set_fails(cells, &framebuffer_ops, EFI, "simple-framebuffer", EIO, "unbind");
	assert_text(cells->log.data, "bus/platform/drivers/efi-framebuffer/unbind " EFI "\n");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(it_is_unbound_and_bound),
		test(one_that_is_gone_stays_gone),
		test(a_failed_unbind_is_not_followed_by_a_bind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
