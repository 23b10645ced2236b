// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Contents kept by their digests, and the records beside them.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "state/setups.h"
#include "state/store.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define DIR "var/lib/hostdev-hook/generate"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HEAD "hostdev-hook set-up 1\nmode static\narguments x\nversion 1\nkernel 6\n"
#define STEP "step build image:/bin/x stale -> built # why\n"

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_dir(host->root_fd, "var/lib");
	host_close(&host->host);
	*state = host;
	return host_open(&host->host, host->root, NULL, NULL, NULL);
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static const struct text abc = {.data = (char *)"abc", .length = 3};

static void what_is_put_is_there(void **state)
{
	struct testhost *host = *state;
	auto_text struct text bytes = TEXT_INIT;
	struct error err = ERROR_INIT;
	char digest[FILE_DIGEST_SIZE];
	auto_close int dir = -1;
	struct stat status;

	assert_int_equal(store_open(&host->host, false, &err), -ENOENT);
	dir = store_open(&host->host, true, &err);
	assert_true(dir >= 0);
	assert_int_equal(fstat(dir, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	for (int i = 0; i < 2; i++) {
		assert_ok(store_put(dir, &abc, digest, &err), &err);
		assert_text(digest, ABC);
	}
	assert_int_equal(fstatat(dir, "bytes/" ABC, &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_ok(store_get(dir, ABC, &bytes, &err), &err);
	assert_text(bytes.data, "abc");
	assert_false(tree_exists(dir, "bytes/new"));
}

static void what_is_damaged_or_missing_is_told(void **state)
{
	struct testhost *host = *state;
	auto_text struct text bytes = TEXT_INIT;
	struct error err = ERROR_INIT;
	char digest[FILE_DIGEST_SIZE];
	auto_close int dir = store_open(&host->host, true, &err);

	assert_int_equal(store_get(dir, ABC, &bytes, &err), -ENOENT);
	assert_ok(store_put(dir, &abc, digest, &err), &err);
	tree_file(dir, "bytes/" ABC, "abd");
	assert_int_equal(store_get(dir, ABC, &bytes, &err), -EIO);
	assert_contains(err.text, "is damaged");
	assert_null(bytes.data);
	tree_remove(dir, "bytes/" ABC);
	tree_file(host->root_fd, "elsewhere", "abc");
	tree_raw_link(dir, "bytes/" ABC, "/elsewhere");
	assert_true(store_get(dir, ABC, &bytes, &err) < 0);
}

static void values_have_what_files_have(void **state)
{
	struct testhost *host = *state;
	auto_content struct host_content again = CONTENT_INIT;
	struct host_content content = {.type = CONTENT_REGULAR,
				       .mode = 0640,
				       .uid = 3,
				       .gid = 7,
				       .bytes = abc,
				       .has_mtime = true,
				       .mtime = {.tv_sec = 5, .tv_nsec = 6},
				       .xattrs = {.data = (char *)"user.a 00\n", .length = 10}};
	auto_close int dir = store_open(&host->host, true, NULL);
	struct error err = ERROR_INIT;
	struct file_value value, unkept;
	char text[CELL_VALUE_SIZE];

	assert_ok(store_value_of(-1, &content, &unkept, &err), &err);
	assert_false(tree_exists(dir, "bytes/" ABC));
	assert_ok(store_value_of(dir, &content, &value, &err), &err);
	assert_memory_equal(value.digest, unkept.digest, sizeof(value.digest));
	file_value_format(&value, text);
	assert_contains(text, "0640,3:7," ABC ",mtime=5.000000006,xattrs=");
	assert_ok(store_content_of(dir, &value, &again, &err), &err);
	assert_text(again.bytes.data, "abc");
	assert_text(again.xattrs.data, "user.a 00\n");
	assert_int_equal(again.mtime.tv_nsec, 6);
}

static void only_what_a_value_names_is_kept(void **state)
{
	struct testhost *host = *state;
	auto_close int dir = store_open(&host->host, true, NULL);
	char *values[] = {(char *)"absent", (char *)"0644,0:0," ABC};
	const struct text other = {.data = (char *)"other", .length = 5};
	char digest[FILE_DIGEST_SIZE];
	auto_free char *name = NULL;

	assert_int_equal(store_put(dir, &abc, digest, NULL), 0);
	assert_int_equal(store_put(dir, &other, digest, NULL), 0);
	name = xasprintf("bytes/%s", digest);
	tree_file(dir, "bytes/new", "half");
	store_keep_only(dir, values, 2);
	assert_true(tree_exists(dir, "bytes/" ABC));
	assert_false(tree_exists(dir, name));
	assert_false(tree_exists(dir, "bytes/new"));
	store_keep_only(dir, NULL, 0);
	assert_false(tree_exists(dir, "bytes/" ABC));
}

/* --- records --- */

static void records_are_read_in_their_order(void **state)
{
	struct testhost *host = *state;
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;
	int names = 0;

	assert_ok(setups_read(&host->host, &setups, &err), &err);
	assert_int_equal(setups.count, 0);
	assert_null(setups_newest(&setups));
	assert_null(setups_unfinished(&setups));
	close(store_open(&host->host, true, NULL));
	tree_file(host->root_fd, DIR "/10.setup", HEAD STEP "done 1\napplied\n");
	tree_file(host->root_fd, DIR "/9.setup", HEAD STEP "done 1\napplied\n");
	tree_file(host->root_fd, DIR "/2.setup", HEAD STEP "done 1\nundone 1\napplied\n");
	for (const char *const *name =
		     (const char *const[]){"x.setup", "3.setup~", "03.setup", "+4.setup",
					   ".5.setup", "6.setup.new", NULL};
	     *name; name++) {
		auto_free char *path = xasprintf(DIR "/%s", *name);

		tree_file(host->root_fd, path, "rubbish");
		names++;
	}
	assert_int_equal(names, 6);
	assert_ok(setups_read(&host->host, &setups, &err), &err);
	assert_null(setups.unreadable);
	assert_int_equal(setups.count, 3);
	assert_int_equal(setups.items[0].number, 2);
	assert_int_equal(setups.items[2].number, 10);
	assert_ptr_equal(setups_newest(&setups), &setups.items[2]);
	assert_null(setups_unfinished(&setups));
	/* Also where somebody has brought back the records alone. */
	tree_remove(host->root_fd, DIR "/bytes");
	setups_done(&setups);
	setups = (struct setups)SETUPS_INIT;
	assert_ok(setups_read(&host->host, &setups, &err), &err);
	assert_int_equal(setups.count, 3);
}

static void one_that_cannot_be_read_is_named(void **state)
{
	struct testhost *host = *state;
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;

	close(store_open(&host->host, true, NULL));
	tree_file(host->root_fd, DIR "/1.setup", HEAD "Rubbish\n");
	tree_file(host->root_fd, DIR "/2.setup", HEAD);
	assert_ok(setups_open(&host->host, &setups, &err), &err);
	assert_text(setups.unreadable,
		    "/" DIR "/1.setup: line 6 of the set-up's record is not understood");
	/* Nobody is locked out: what can be read is there. */
	assert_int_equal(setups.count, 1);
	assert_int_equal(setups.items[0].number, 2);
	setups_done(&setups);
	tree_file(host->root_fd, DIR "/1.setup", HEAD);
	assert_int_equal(fchmodat(host->root_fd, DIR "/1.setup", 0666, 0), 0);
	assert_int_equal(setups_open(&host->host, &setups, &err), -EPERM);
	assert_int_equal(setups.dir, -1);
}

/* Another process does not come in between. Its error. */
static int open_elsewhere(struct testhost *host)
{
	struct setups setups = SETUPS_INIT;
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(-setups_open(&host->host, &setups, NULL));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void a_new_one_comes_behind_and_goes_with_its_contents(void **state)
{
	struct testhost *host = *state;
	struct setups setups = SETUPS_INIT, second = SETUPS_INIT;
	struct error err = ERROR_INIT;
	struct setup setup = {0};
	char digest[FILE_DIGEST_SIZE];
	auto_close int record = -1;
	auto_free char *text = NULL;

	assert_ok(setups_open(&host->host, &setups, &err), &err);
	assert_ok(store_put(setups.dir, &abc, digest, &err), &err);
	assert_ok(setup_parse(HEAD STEP, strlen(HEAD STEP), &setup, &err), &err);
	assert_ok(setups_create(&setups, &setup, &record, &err), &err);
	assert_null(setup.mode);
	assert_ok(setups_append(record, "begun 1\n", 8, &err), &err);
	text = tree_read(host->root_fd, DIR "/1.setup");
	assert_text(text, HEAD STEP "begun 1");
	assert_ptr_equal(setups_unfinished(&setups), &setups.items[0]);
	assert_int_equal(open_elsewhere(host), ETIMEDOUT);
	assert_ok(setups_remove(&setups, &setups.items[0], &err), &err);
	assert_int_equal(setups.count, 0);
	assert_false(tree_exists(host->root_fd, DIR "/1.setup"));
	assert_false(tree_exists(host->root_fd, DIR "/bytes/" ABC));
	setups_done(&setups);
	assert_ok(setups_open(&host->host, &second, &err), &err);
	setups_done(&second);
}

/* A child that does not return: it has the lock, and what it was told to do besides is done. */
static pid_t work_elsewhere(struct testhost *host, int (*work)(struct setups *setups))
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct setups setups = SETUPS_INIT;

		close(ready[0]);
		if (setups_open(&host->host, &setups, NULL) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(work(&setups));
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static int wait_for_ever(struct setups *setups)
{
	(void)setups;
	return pause();
}

static void who_has_the_lock_is_named_with_its_file(void **state)
{
	struct testhost *host = *state;
	pid_t other = work_elsewhere(host, wait_for_ever);
	auto_free char *message =
		xasprintf("/" DIR "/lock has been locked by process %d ", (int)other);
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;

	assert_int_equal(setups_open(&host->host, &setups, &err), -ETIMEDOUT);
	assert_contains(err.text, message);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	assert_ok(setups_open(&host->host, &setups, &err), &err);
}

static int build_for_ever(struct setups *setups)
{
	char *const argv[] = {(char *)"/bin/sleep", (char *)"60", NULL};
	auto_text struct text said = TEXT_INIT;
	struct host here;

	if (host_open(&here, "/", &host_ops_files, NULL, NULL) < 0)
		return 1;
	here.held_fd = setups->building;
	host_command_run(&here, argv, &said, NULL);
	return 1;
}

static int build_a_service(struct setups *setups)
{
	char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)"sleep 20 &", NULL};
	auto_text struct text said = TEXT_INIT;
	struct host here;

	if (host_open(&here, "/", &host_ops_files, NULL, NULL) < 0)
		return 1;
	here.held_fd = setups->building;
	host_command_run(&here, argv, &said, NULL);
	setups_done(setups);
	return 0;
}

/* The pid that a program has written into the file; 0: it has not come that far. */
static int builder_of(const struct testhost *host)
{
	auto_free char *text = tree_read(host->root_fd, DIR "/building");

	return text && strstr(text, " /bin/sleep") ? atoi(text) : 0;
}

/* It was killed alone: what it was just building goes on. */
static void what_a_killed_call_was_building_is_waited_for(void **state)
{
	struct testhost *host = *state;
	pid_t other = work_elsewhere(host, build_for_ever);
	auto_setups struct setups setups = SETUPS_INIT;
	auto_free char *message = NULL;
	struct error err = ERROR_INIT;
	int builder = 0;

	for (int i = 0; i < 200 && builder == 0; i++) {
		usleep(50000);
		builder = builder_of(host);
	}
	assert_true(builder > 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	message = xasprintf("/bin/sleep (process %d), which an earlier call had started", builder);
	assert_int_equal(setups_open(&host->host, &setups, &err), -EBUSY);
	assert_contains(err.text, message);
	assert_contains(err.text, "nothing was changed");
	assert_int_equal(setups.dir, -1);
	kill(builder, SIGKILL);
	assert_ok(setups_open(&host->host, &setups, &err), &err);
}

static void a_service_of_a_builder_keeps_nobody_out(void **state)
{
	struct testhost *host = *state;
	pid_t other = work_elsewhere(host, build_a_service);
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;
	int status = 1;

	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	assert_ok(setups_open(&host->host, &setups, &err), &err);
}

static void half_a_line_is_cut_off_before_the_next(void **state)
{
	struct testhost *host = *state;
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;
	auto_close int record = -1;
	auto_free char *text = NULL;

	close(store_open(&host->host, true, NULL));
	tree_file(host->root_fd, DIR "/1.setup", HEAD STEP "begun 1\ndo");
	assert_ok(setups_open(&host->host, &setups, &err), &err);
	assert_ok(setups_open_entry(&setups, &setups.items[0], &record, &err), &err);
	assert_ok(setups_append(record, "undoing\n", 8, &err), &err);
	text = tree_read(host->root_fd, DIR "/1.setup");
	assert_text(text, HEAD STEP "begun 1\nundoing");
}

static void what_no_record_names_goes_when_they_are_opened(void **state)
{
	struct testhost *host = *state;
	auto_setups struct setups setups = SETUPS_INIT;
	auto_close int dir = store_open(&host->host, true, NULL);
	char digest[FILE_DIGEST_SIZE];
	struct error err = ERROR_INIT;

	assert_int_equal(store_put(dir, &abc, digest, NULL), 0);
	tree_file(dir, "1.setup.new", HEAD);
	/* Who only looks lets it be. */
	assert_ok(setups_read(&host->host, &setups, &err), &err);
	assert_true(tree_exists(dir, "bytes/" ABC));
	setups_done(&setups);
	assert_ok(setups_open(&host->host, &setups, &err), &err);
	assert_false(tree_exists(dir, "bytes/" ABC));
	assert_false(tree_exists(dir, "1.setup.new"));
}

#define ON_HOST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_HOST(what_is_put_is_there),
		ON_HOST(what_is_damaged_or_missing_is_told),
		ON_HOST(values_have_what_files_have),
		ON_HOST(only_what_a_value_names_is_kept),
		ON_HOST(records_are_read_in_their_order),
		ON_HOST(one_that_cannot_be_read_is_named),
		ON_HOST(a_new_one_comes_behind_and_goes_with_its_contents),
		ON_HOST(who_has_the_lock_is_named_with_its_file),
		ON_HOST(what_a_killed_call_was_building_is_waited_for),
		ON_HOST(a_service_of_a_builder_keeps_nobody_out),
		ON_HOST(half_a_line_is_cut_off_before_the_next),
		ON_HOST(what_no_record_names_goes_when_they_are_opened),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
