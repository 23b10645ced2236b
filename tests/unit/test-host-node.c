// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a node below /dev changes hands on a real file system.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-real.h"
#include "tests/host/tree.h"

struct place {
	char dir[32];
	struct host host;
};

static void place_make(struct place *place)
{
	*place = (struct place){.dir = "/tmp/host-node-XXXXXX"};
	for (int i = 0; i < HOST_DIRS; i++)
		place->host.fd[i] = -1;
	assert_non_null(mkdtemp(place->dir));
	place->host.fd[HOST_DEV] = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(place->host.fd[HOST_DEV] >= 0);
}

static void place_done(struct place *place)
{
	tree_remove(AT_FDCWD, place->dir);
	host_close(&place->host);
}

#define auto_trust_entry cleanup(place_done)

static void a_node_changes_hands(void **state)
{
	const struct host_owner owner = {.uid = 1000, .gid = 36, .mode = 0660};
	auto_trust_entry struct place place;
	struct error err = ERROR_INIT;
	struct stat st;

	(void)state;
	place_make(&place);
	assert_needs(mknodat(place.host.fd[HOST_DEV], "14", S_IFCHR | 0600, makedev(1, 3)) == 0,
		     "root, who may make device nodes");
	assert_ok(real_node_own(&place.host, "14", &owner, &err), &err);
	assert_int_equal(fstatat(place.host.fd[HOST_DEV], "14", &st, 0), 0);
	assert_int_equal(st.st_uid, 1000);
	assert_int_equal(st.st_gid, 36);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void what_is_no_node_stays(void **state)
{
	const struct host_owner owner = {.uid = 1000, .gid = 36, .mode = 0660};
	auto_trust_entry struct place place;
	struct error err = ERROR_INIT;
	struct stat st;

	(void)state;
	place_make(&place);
	tree_file(place.host.fd[HOST_DEV], "file", "text");
	assert_int_equal(symlinkat("/dev/null", place.host.fd[HOST_DEV], "link"), 0);
	assert_int_equal(real_node_own(&place.host, "file", &owner, &err), -ENODEV);
	assert_int_equal(real_node_own(&place.host, "link", &owner, &err), -ENODEV);
	assert_int_equal(real_node_own(&place.host, "none", &owner, &err), -ENOENT);
	assert_int_equal(fstatat(place.host.fd[HOST_DEV], "file", &st, 0), 0);
	assert_int_equal(st.st_uid, geteuid());
	/* A machine that can only be looked at. */
	assert_int_equal(host_node_own(&place.host, "file", &owner, &err), -EROFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_changes_hands),
		cmocka_unit_test(what_is_no_node_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
