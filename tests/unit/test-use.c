// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of a disk's uses speaks for the others.
 */
#include "model/use.h"
#include "tests/host/check.h"

static void what_the_host_runs_from_comes_first(void **state)
{
	static const char *const targets[] = {"/",    "/boot/efi", "/usr/local",
					      "/var", "/home",     "/srv"};

	(void)state;
	for (size_t i = 1; i < sizeof(targets) / sizeof(*targets); i++)
		assert_true(use_mount_rank(targets[i - 1]) < use_mount_rank(targets[i]));
	assert_int_equal(use_mount_rank("/efi"), use_mount_rank("/boot"));
	/* Names that only begin alike. */
	assert_int_equal(use_mount_rank("/variable"), use_mount_rank("/srv"));
	assert_int_equal(use_mount_rank("/homes"), use_mount_rank("/media/a"));
}

static void swap_is_between_mounts(void **state)
{
	(void)state;
	assert_true(use_rank(USE_MOUNT, "mounted on /home") < use_rank(USE_SWAP, "swap"));
	assert_true(use_rank(USE_SWAP, "swap") < use_rank(USE_MOUNT, "mounted on /srv"));
	assert_true(use_rank(USE_MOUNT, "mounted on /srv") < use_rank(USE_STACKED, "part of x"));
	assert_true(use_rank(USE_STACKED, "a") < use_rank(USE_DEFAULT_ROUTE, "b"));
	assert_int_equal(use_rank(USE_MOUNT, NULL), use_rank(USE_MOUNT, "mounted on /srv"));
}

/* As a parser writes it, and as a sentence has it. */
static void the_place_is_found_in_words(void **state)
{
	static const char *const texts[] = {
		"mounted on /", "mounted on /, /home", "mounted on / and 2 more",
		"nvme0n1p2 is mounted on /, by way of mapped device vg-root (dm-0)",
		"mounted on / (perhaps over this adapter)"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(use_rank(USE_MOUNT, texts[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_host_runs_from_comes_first),
		cmocka_unit_test(swap_is_between_mounts),
		cmocka_unit_test(the_place_is_found_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
