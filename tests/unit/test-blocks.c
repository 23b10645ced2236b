// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which block device a path leads to that anybody may have written into a source of a mount.
 */
#include "tests/host/check.h"

#include <sys/sysmacros.h>

#include "parsers/storage/blocks.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_node(host->root_fd, "dev/dm-0", true, makedev(243, 0));
	tree_node(host->root_fd, "dev/vg0/plain", true, makedev(243, 1));
	tree_node(host->root_fd, "dev/null0", false, makedev(1, 3));
	tree_node(host->root_fd, "elsewhere/disk", true, makedev(243, 2));
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static void assert_leads(struct testhost *host, const char *path, unsigned int minor)
{
	dev_t device = 0;

	assert_true(block_resolve(&host->host, path, &device));
	assert_int_equal(device, makedev(243, minor));
}

static void assert_nowhere(struct testhost *host, const char *path)
{
	dev_t device;

	assert_false(block_resolve(&host->host, path, &device));
}

static void nodes_and_links_to_them(void **state)
{
	struct testhost *host = *state;

	tree_raw_link(host->root_fd, "dev/mapper/vg0-root", "../dm-0");
	tree_raw_link(host->root_fd, "dev/disk/by-uuid/11-aa", "../../dm-0");
	/* As LVM makes them where there is no udev. */
	tree_raw_link(host->root_fd, "dev/vg0/root", "/dev/mapper/vg0-root");
	tree_raw_link(host->root_fd, "dev/root", "/dev/vg0/root");
	assert_leads(host, "/dev/dm-0", 0);
	assert_leads(host, "/dev/vg0/plain", 1);
	assert_leads(host, "/dev/mapper/vg0-root", 0);
	assert_leads(host, "/dev/disk/by-uuid/11-aa", 0);
	assert_leads(host, "/dev/vg0/root", 0);
	assert_leads(host, "/dev/root", 0);
	assert_nowhere(host, "/dev/null0");
	assert_nowhere(host, "/dev/gone");
	assert_nowhere(host, "/dev/");
	assert_nowhere(host, "/elsewhere/disk");
}

/* Behind it may be a file system that does not answer. */
static void no_link_leads_out_of_dev(void **state)
{
	struct testhost *host = *state;

	tree_raw_link(host->root_fd, "dev/shm/u/link", "../../../elsewhere/disk");
	tree_raw_link(host->root_fd, "dev/shm/u/folder", "../../../elsewhere");
	tree_raw_link(host->root_fd, "dev/shm/u/absolute", "/proc/self/root/dev/dm-0");
	tree_raw_link(host->root_fd, "dev/shm/u/here", "/dev/shm/u/here");
	tree_raw_link(host->root_fd, "dev/link", "../elsewhere/disk");
	assert_nowhere(host, "/dev/shm/u/link");
	assert_nowhere(host, "/dev/shm/u/folder/disk");
	assert_nowhere(host, "/dev/shm/u/absolute");
	assert_nowhere(host, "/dev/shm/u/here");
	assert_nowhere(host, "/dev/link");
	assert_nowhere(host, "/dev/../elsewhere/disk");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nodes_and_links_to_them, fresh, stale),
		cmocka_unit_test_setup_teardown(no_link_leads_out_of_dev, fresh, stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
