// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of a host read with all that belongs to them, and replaced: on real files below a temporary
 * directory, which is the host's root.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_dir(host->root_fd, "etc");
	host->host.ops = &host_ops_files;
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static struct host_content content_of(const char *bytes, mode_t mode)
{
	struct host_content content = CONTENT_INIT;

	content.type = CONTENT_REGULAR;
	content.mode = mode;
	content.uid = geteuid();
	content.gid = getegid();
	text_append(&content.bytes, bytes, strlen(bytes));
	return content;
}

static void put(struct testhost *host, const char *path, const char *bytes, mode_t mode)
{
	auto_content struct host_content content = content_of(bytes, mode);
	struct error err = ERROR_INIT;

	assert_ok(host_file_put(&host->host, path, &content, &err), &err);
}

#define assert_file(host, path, expected)                                                          \
	do {                                                                                       \
		auto_free char *file_ = tree_read((host)->root_fd, path);                          \
		assert_text(file_, expected);                                                      \
	} while (0)

static mode_t mode_of(const struct testhost *host, const char *path)
{
	struct stat status;

	assert_int_equal(fstatat(host->root_fd, path, &status, AT_SYMLINK_NOFOLLOW), 0);
	return status.st_mode;
}

static void a_file_comes_back_with_all_it_had(void **state)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
					  {.tv_sec = 1234567890, .tv_nsec = 123456789}};
	auto_content struct host_content before = CONTENT_INIT, after = CONTENT_INIT;
	struct testhost *host = *state;
	struct error err = ERROR_INIT;
	auto_close int fd = -1;
	bool has_xattrs;

	tree_bytes(host->root_fd, "etc/x", "a\0b\n", 4);
	fd = openat(host->root_fd, "etc/x", O_RDONLY | O_CLOEXEC);
	has_xattrs = fsetxattr(fd, "user.b", "\0\xff", 2, 0) == 0 &&
		     fsetxattr(fd, "user.a", "", 0, 0) == 0;
	fchmod(fd, 04710);
	futimens(fd, times);
	assert_ok(host_content_read(&host->host, "/etc/x", &before, &err), &err);
	assert_int_equal(before.type, CONTENT_REGULAR);
	assert_int_equal(before.mode, 04710);
	assert_int_equal(before.bytes.length, 4);
	if (has_xattrs)
		assert_text(before.xattrs.data, "user.a \nuser.b 00ff\n");
	put(host, "/etc/x", "other", 0600);
	assert_int_equal(mode_of(host, "etc/x"), S_IFREG | 0600);
	assert_ok(host_file_put(&host->host, "/etc/x", &before, &err), &err);
	assert_ok(host_content_read(&host->host, "/etc/x", &after, &err), &err);
	assert_memory_equal(after.bytes.data, "a\0b\n", 4);
	assert_int_equal(after.mode, 04710);
	assert_int_equal(after.mtime.tv_sec, 1234567890);
	assert_int_equal(after.mtime.tv_nsec, 123456789);
	assert_string_equal(after.xattrs.data ? after.xattrs.data : "",
			    before.xattrs.data ? before.xattrs.data : "");
}

static void the_umask_changes_nothing(void **state)
{
	struct testhost *host = *state;
	auto_content struct host_content dir = {
		.type = CONTENT_DIRECTORY, .mode = 0755, .uid = geteuid(), .gid = getegid()};
	mode_t old = umask(0777);

	put(host, "/etc/x", "a", 0644);
	assert_int_equal(host_file_put(&host->host, "/etc/d", &dir, NULL), 0);
	umask(old);
	assert_int_equal(mode_of(host, "etc/x"), S_IFREG | 0644);
	assert_int_equal(mode_of(host, "etc/d"), S_IFDIR | 0755);
	/* Once more is no error, and another mode is set. */
	dir.mode = 0700;
	assert_int_equal(host_file_put(&host->host, "/etc/d", &dir, NULL), 0);
	assert_int_equal(mode_of(host, "etc/d"), S_IFDIR | 0700);
}

static void what_is_not_there_is_absent(void **state)
{
	auto_content struct host_content content = content_of("x", 0600);
	const struct host_content absent = CONTENT_INIT;
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	host_content_done(&content);
	assert_ok(host_content_read(&host->host, "/etc/none", &content, &err), &err);
	assert_int_equal(content.type, CONTENT_ABSENT);
	assert_ok(host_content_read(&host->host, "/etc/none/deep", &content, &err), &err);
	assert_int_equal(content.type, CONTENT_ABSENT);
	assert_ok(host_file_put(&host->host, "/etc/none", &absent, &err), &err);
	assert_ok(host_file_put(&host->host, "/etc/none/deep", &absent, &err), &err);
	put(host, "/etc/x", "a", 0644);
	assert_ok(host_file_put(&host->host, "/etc/x", &absent, &err), &err);
	assert_false(tree_exists(host->root_fd, "etc/x"));
}

static void only_an_empty_directory_is_removed(void **state)
{
	const struct host_content absent = CONTENT_INIT;
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	tree_file(host->root_fd, "etc/d/x", "%s", "");
	assert_int_equal(host_file_put(&host->host, "/etc/d", &absent, &err), -ENOTEMPTY);
	tree_remove(host->root_fd, "etc/d/x");
	assert_ok(host_file_put(&host->host, "/etc/d", &absent, &err), &err);
	assert_false(tree_exists(host->root_fd, "etc/d"));
}

static void links_stay_and_lead_nowhere_outside(void **state)
{
	struct testhost *host = *state;
	auto_content struct host_content content = CONTENT_INIT;
	struct error err = ERROR_INIT;

	tree_file(host->root_fd, "usr/real", "old\n");
	tree_raw_link(host->root_fd, "etc/relative", "../usr/real");
	tree_raw_link(host->root_fd, "etc/absolute", "/usr/real");
	tree_raw_link(host->root_fd, "etc/up", "../../../../../../../../usr/real");
	tree_raw_link(host->root_fd, "etc/usr", "/usr");
	put(host, "/etc/relative", "one\n", 0644);
	assert_file(host, "usr/real", "one");
	put(host, "/etc/absolute", "two\n", 0644);
	assert_file(host, "usr/real", "two");
	put(host, "/etc/up", "three\n", 0644);
	assert_file(host, "usr/real", "three");
	put(host, "/etc/usr/real", "four\n", 0644);
	assert_file(host, "usr/real", "four");
	assert_ok(host_content_read(&host->host, "/etc/up", &content, &err), &err);
	assert_text(content.bytes.data, "four\n");
	assert_int_equal(mode_of(host, "etc/relative") & S_IFMT, S_IFLNK);
	assert_int_equal(mode_of(host, "etc/absolute") & S_IFMT, S_IFLNK);
	assert_int_equal(mode_of(host, "etc/up") & S_IFMT, S_IFLNK);
}

static void a_file_with_several_names_keeps_them(void **state)
{
	struct testhost *host = *state;
	struct stat status;

	tree_file(host->root_fd, "etc/x", "a long text\n");
	assert_int_equal(linkat(host->root_fd, "etc/x", host->root_fd, "etc/y", 0), 0);
	put(host, "/etc/x", "short\n", 0600);
	assert_file(host, "etc/y", "short");
	assert_int_equal(fstatat(host->root_fd, "etc/y", &status, 0), 0);
	assert_int_equal(status.st_nlink, 2);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void what_a_killed_writer_has_left_goes(void **state)
{
	static const char left[] = "etc/.x.hostdev-new";
	const struct host_content absent = CONTENT_INIT;
	struct testhost *host = *state;

	tree_file(host->root_fd, left, "half");
	put(host, "/etc/x", "a", 0644);
	assert_false(tree_exists(host->root_fd, left));
	tree_file(host->root_fd, left, "half");
	assert_int_equal(host_file_put(&host->host, "/etc/x", &absent, NULL), 0);
	assert_false(tree_exists(host->root_fd, left));
	tree_file(host->root_fd, left, "half");
	assert_int_equal(host_file_put(&host->host, "/etc/x", &absent, NULL), 0);
	assert_false(tree_exists(host->root_fd, left));
}

static void what_is_no_file_is_left_alone(void **state)
{
	struct testhost *host = *state;
	auto_content struct host_content content = CONTENT_INIT, file = content_of("x", 0644);
	struct error err = ERROR_INIT;

	/* Nobody writes to the pipe: it is not waited for. */
	assert_int_equal(mkfifoat(host->root_fd, "etc/pipe", 0600), 0);
	assert_int_equal(host_content_read(&host->host, "/etc/pipe", &content, &err), -EINVAL);
	assert_text(err.text, "/etc/pipe is neither a file nor a directory");
	tree_dir(host->root_fd, "etc/d");
	assert_true(host_file_put(&host->host, "/etc/d", &file, &err) < 0);
	assert_true(host_file_put(&host->host, "/etc/none/x", &file, &err) < 0);
	assert_contains(err.text, "open the directory of /etc/none/x");
	assert_true(host_file_put(&host->host, "/", &file, &err) < 0);
	assert_int_equal(mode_of(host, "etc/d") & S_IFMT, S_IFDIR);
	assert_false(tree_exists(host->root_fd, "etc/.d.hostdev-new"));
}

static void who_only_looks_writes_nothing(void **state)
{
	struct testhost *host = *state;
	auto_content struct host_content content = content_of("x", 0644);
	char *const argv[] = {(char *)"/bin/true", NULL};
	struct error err = ERROR_INIT;

	host->host.ops = NULL;
	assert_int_equal(host_file_put(&host->host, "/etc/x", &content, &err), -EROFS);
	assert_text(err.text, "write /etc/x: this host can only be read");
	assert_int_equal(host_command_run(&host->host, argv, NULL, &err), -EROFS);
	host->host.ops = &host_ops_readonly;
	assert_int_equal(host_file_put(&host->host, "/etc/x", &content, &err), -EROFS);
	assert_int_equal(host_command_run(&host->host, argv, NULL, &err), -EROFS);
	assert_false(tree_exists(host->root_fd, "etc/x"));
}

#define ON_HOST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_HOST(a_file_comes_back_with_all_it_had),
		ON_HOST(the_umask_changes_nothing),
		ON_HOST(what_is_not_there_is_absent),
		ON_HOST(only_an_empty_directory_is_removed),
		ON_HOST(links_stay_and_lead_nowhere_outside),
		ON_HOST(a_file_with_several_names_keeps_them),
		ON_HOST(what_a_killed_writer_has_left_goes),
		ON_HOST(what_is_no_file_is_left_alone),
		ON_HOST(who_only_looks_writes_nothing),
	};

	return cmocka_run_group_tests_name("host-change", tests, NULL, NULL);
}
