// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What wakes the engine besides the XML's words: journals, scripts, and file systems that do not
 * answer; and what the engine's end is to libvirt. The directories are temporary ones.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/front-decide.h"
#include "hook/front.h"

#define UUID "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
#define OTHER_UUID "00000000-1111-2222-3333-444444444444"
#define HEAD "<domain type='kvm' id='1'>\n  <name>g1</name>\n  <uuid>" UUID "</uuid>\n"
#define PLAIN HEAD "  <devices>\n    <disk type='file'/>\n  </devices>\n</domain>\n"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char root[64];
static int state_fd, scripts_fd;

static int open_dir(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	mkdir(path, 0700);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test-front-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	state_fd = open_dir("run");
	scripts_fd = open_dir("qemu.d");
	return state_fd < 0 || scripts_fd < 0 ? -1 : 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	close(state_fd);
	close(scripts_fd);
	return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void touch(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static bool ask_as(const char *name, const char *sub, const char *guest, const char *xml)
{
	return front_has_work(operation_find(name, sub), guest, xml, strlen(xml), state_fd,
			      scripts_fd);
}

static bool ask(const char *name, const char *xml)
{
	return ask_as(name, strcmp(name, "release") == 0 ? "end" : "begin", "g1", xml);
}

static void empty_directories(void **state)
{
	(void)state;
	assert_false(ask("prepare", PLAIN));
	assert_false(ask("start", PLAIN));
	assert_false(ask("release", PLAIN));
	assert_false(ask("release", ""));
	assert_true(ask("prepare", ""));
	assert_true(ask("start", ""));
}

static void words_matter_to_starts_only(void **state)
{
	static const char xml[] = HEAD "<devices><hostdev/></devices></domain>";

	(void)state;
	assert_true(ask("prepare", xml));
	assert_true(ask("start", xml));
	assert_false(ask("release", xml));
}

static void no_directories(void **state)
{
	const struct operation *operation = operation_find("release", "end");

	(void)state;
	assert_false(
		front_has_work(operation, "g1", PLAIN, strlen(PLAIN), FRONT_NO_DIR, FRONT_NO_DIR));
	assert_true(front_has_work(operation, "g1", PLAIN, strlen(PLAIN), FRONT_UNKNOWN_DIR,
				   FRONT_NO_DIR));
	assert_true(front_has_work(operation, "g1", PLAIN, strlen(PLAIN), FRONT_NO_DIR,
				   FRONT_UNKNOWN_DIR));
	/* Not a directory at all: an error is a doubt. */
	assert_true(front_has_work(operation, "g1", PLAIN, strlen(PLAIN), 9999, FRONT_NO_DIR));
	assert_true(front_has_work(operation, "g1", "", 0, 9999, FRONT_NO_DIR));
	assert_true(front_has_work(operation, "g1", PLAIN, strlen(PLAIN), FRONT_NO_DIR, 9999));
}

static void own_journal(void **state)
{
	(void)state;
	touch(state_fd, UUID ".journal");
	assert_true(ask("prepare", PLAIN));
	assert_true(ask("start", PLAIN));
	assert_true(ask("release", PLAIN));
	assert_true(ask("release", ""));
}

static void write_journal(const char *text)
{
	int fd = openat(state_fd, UUID ".journal", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Whatever came of the run since it was lent stands behind that line. */
static void start_of_a_guest_that_was_lent_its_devices(void **state)
{
	static const char xml[] = HEAD "<devices><hostdev/></devices></domain>";
	static const char from_pool[] =
		HEAD "<devices><hostdev/><interface type='hostdev'/></devices></domain>";
	static const char *const not_lent[] = {
		"",
		"lent\n",
		"done 1\n",
		"done 1\nlent",
		"done 1\nlent\nreturning\n",
		"done 1\nlent\ncaller 1 2\n",
		"done 1\nlent\nundone 1\n",
		"done 1\nlent\n\n",
		"done 1\nsilent\n",
		"done 1\nlent at=5\n",
		"done 1\nlent +at=5\nreturning\n",
		"done 1\nlent +at=5\n\n",
		"done 1\nlent +at=5",
	};

	(void)state;
	assert_true(ask("start", xml));
	write_journal("hostdev-hook journal 1\nclaim 0000:01:00.0\ndone 1\nlent\n");
	assert_false(ask("start", xml));
	write_journal("hostdev-hook journal 1\nclaim 0000:01:00.0\ndone 1\nlent +at=1764525180\n");
	assert_false(ask("start", xml));
	assert_false(ask("start", PLAIN));
	assert_true(ask("start", from_pool));
	assert_true(ask("start", "<domain><hostdev/></domain>"));
	assert_true(ask("start", ""));
	assert_true(ask("prepare", xml));
	assert_true(ask("reconnect", xml));
	assert_true(ask("release", xml));
	assert_true(front_has_work(operation_find("start", "begin"), "g1", xml, strlen(xml),
				   FRONT_NO_DIR, scripts_fd));
	assert_true(front_has_work(operation_find("start", "begin"), "g1", xml, strlen(xml),
				   FRONT_UNKNOWN_DIR, scripts_fd));
	assert_int_equal(mkdirat(scripts_fd, "g1", 0700), 0);
	assert_false(ask("start", xml));
	touch(scripts_fd, "g1/start");
	assert_true(ask("start", xml));
	assert_int_equal(unlinkat(scripts_fd, "g1/start", 0), 0);
	for (size_t i = 0; i < COUNT(not_lent); i++) {
		write_journal(not_lent[i]);
		if (!ask("start", xml))
			fail_msg("taken for lent: %s", not_lent[i]);
	}
	/* A reader must not wait for what is no journal. */
	assert_int_equal(unlinkat(state_fd, UUID ".journal", 0), 0);
	assert_int_equal(mkfifoat(state_fd, UUID ".journal", 0600), 0);
	assert_true(ask("start", xml));
}

static void journal_that_is_a_broken_link(void **state)
{
	(void)state;
	assert_int_equal(symlinkat("nowhere", state_fd, UUID ".journal"), 0);
	assert_true(ask("release", PLAIN));
}

/* Without a sure UUID, anybody's journal may be this guest's. */
static void journal_of_another(void **state)
{
	(void)state;
	touch(state_fd, OTHER_UUID ".journal");
	touch(state_fd, "claims.lock");
	assert_false(ask("prepare", PLAIN));
	assert_false(ask("release", PLAIN));
	assert_true(ask("release", ""));
	assert_true(ask("release", "<domain></domain>"));
	assert_true(ask("prepare", "<domain></domain>"));
}

static void other_files_are_no_journals(void **state)
{
	(void)state;
	touch(state_fd, "claims.lock");
	touch(state_fd, UUID ".lock");
	touch(state_fd, UUID ".journal.new");
	touch(state_fd, "journal");
	assert_false(ask("release", PLAIN));
	assert_false(ask("release", ""));
}

static void scripts(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(scripts_fd, "g1", 0700), 0);
	assert_false(ask("prepare", PLAIN));
	assert_int_equal(mkdirat(scripts_fd, "g1/prepare", 0700), 0);
	touch(scripts_fd, "g1/release");
	assert_true(ask("prepare", PLAIN));
	assert_true(ask("release", PLAIN));
	assert_false(ask("start", PLAIN));
	assert_false(ask_as("prepare", "begin", "g2", PLAIN));
}

static void script_that_is_libvirts_own(void **state)
{
	(void)state;
	touch(scripts_fd, "g1");
	assert_false(ask("prepare", PLAIN));
}

/* Neither a journal nor a host device is anything to an operation that has no work. */
static void scripts_alone(void **state)
{
	const struct operation *started = operation_find("started", "begin");

	(void)state;
	touch(state_fd, UUID ".journal");
	assert_false(front_has_scripts(started, "g1", scripts_fd));
	assert_false(front_has_scripts(started, "g1", FRONT_NO_DIR));
	assert_true(front_has_scripts(started, "g1", FRONT_UNKNOWN_DIR));
	assert_int_equal(mkdirat(scripts_fd, "g1", 0700), 0);
	assert_false(front_has_scripts(started, "g1", scripts_fd));
	touch(scripts_fd, "g1/started");
	assert_true(front_has_scripts(started, "g1", scripts_fd));
	assert_false(front_has_scripts(started, "..", scripts_fd));
}

static void script_of_odd_names(void **state)
{
	static const char *const never[] = {"", ".", "..", "a/b", "/", "../qemu.d/g1", "g1/"};
	static const char *const real[] = {"--help", "a b", "'\"$(x)", "...", "-", "\xc3\xa4"};
	char long_name[600];
	char path[64];

	(void)state;
	/* What the names that must not match would lead to. */
	touch(scripts_fd, "prepare");
	assert_int_equal(mkdirat(scripts_fd, "g1", 0700), 0);
	touch(scripts_fd, "g1/prepare");
	assert_int_equal(mkdirat(scripts_fd, "a", 0700), 0);
	assert_int_equal(mkdirat(scripts_fd, "a/b", 0700), 0);
	touch(scripts_fd, "a/b/prepare");
	for (size_t i = 0; i < COUNT(never); i++)
		assert_false(ask_as("prepare", "begin", never[i], PLAIN));
	for (size_t i = 0; i < COUNT(real); i++) {
		assert_false(ask_as("prepare", "begin", real[i], PLAIN));
		assert_int_equal(mkdirat(scripts_fd, real[i], 0700), 0);
		snprintf(path, sizeof(path), "%s/prepare", real[i]);
		touch(scripts_fd, path);
		assert_true(ask_as("prepare", "begin", real[i], PLAIN));
	}
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_false(ask_as("prepare", "begin", long_name, PLAIN));
}

static void script_behind_a_link(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(scripts_fd, "shared", 0700), 0);
	touch(scripts_fd, "shared/prepare");
	assert_int_equal(symlinkat("shared", scripts_fd, "g1"), 0);
	assert_true(ask("prepare", PLAIN));
	assert_int_equal(symlinkat("loop", scripts_fd, "loop"), 0);
	assert_true(ask_as("prepare", "begin", "loop", PLAIN));
}

/* --- what the engine's end makes of the call's --- */

static void path_in_root(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", root, name);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	int fd;

	path_in_root(path, name);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* The exit status of the whole front door; -1: a signal ended it. The engine is this script. */
static int call_front(const char *operation, const char *end)
{
	char engine[128], state_dir[128], scripts_dir[128], script[128], xml[128];
	const struct front_paths paths = {engine, state_dir, scripts_dir};
	char *argv[] = {(char *)"hook",  (char *)"g1", (char *)operation,
			(char *)"begin", (char *)"-",  NULL};
	int status;
	pid_t pid;

	path_in_root(engine, "engine");
	path_in_root(state_dir, "run");
	path_in_root(scripts_dir, "qemu.d");
	path_in_root(xml, "xml");
	snprintf(script, sizeof(script), "#!/bin/sh\n: >%.64s/called\n%s\n", root, end);
	write_file("engine", script, 0700);
	write_file("xml", HEAD "<devices><hostdev/></devices></domain>", 0600);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(xml, O_RDONLY | O_CLOEXEC);

		_exit(dup2(fd, STDIN_FILENO) < 0 ? 99 : front_main(5, argv, &paths));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	path_in_root(xml, "called");
	assert_int_equal(unlink(xml), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Any status but 0 would end a guest that runs, or delete what was saved. */
static void an_engine_that_breaks_harms_no_guest(void **state)
{
	static const struct {
		const char *operation, *end;
		int status;
	} calls[] = {
		{"prepare", "exit 1", 1},
		{"prepare", "exit 127", 127},
		{"prepare", "kill -SEGV $$", -1},
		{"started", "exit 0", 0},
		/* The word of a script is passed on. */
		{"started", "exit 1", 1},
		{"started", "exit 2", 0},
		{"started", "exit 127", 0},
		{"started", "kill -HUP $$", 0},
		{"started", "kill -SEGV $$", 0},
		{"reconnect", "exit 1", 0},
		{"reconnect", "kill -HUP $$", 0},
		{"restore", "exit 1", 0},
		{"restore", "kill -SEGV $$", 0},
	};

	(void)state;
	assert_needs(geteuid() == 0, "root: the hook does nothing for others");
	assert_int_equal(mkdirat(scripts_fd, "g1", 0700), 0);
	touch(scripts_fd, "g1/started");
	touch(scripts_fd, "g1/restore");
	for (size_t i = 0; i < COUNT(calls); i++) {
		int found = call_front(calls[i].operation, calls[i].end);

		if (found != calls[i].status)
			fail_msg("%s with an engine that does \"%s\": %d, not %d",
				 calls[i].operation, calls[i].end, found, calls[i].status);
	}
}

#define in_root(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_root(empty_directories),
		in_root(words_matter_to_starts_only),
		in_root(no_directories),
		in_root(own_journal),
		in_root(start_of_a_guest_that_was_lent_its_devices),
		in_root(journal_that_is_a_broken_link),
		in_root(journal_of_another),
		in_root(other_files_are_no_journals),
		in_root(scripts),
		in_root(script_that_is_libvirts_own),
		in_root(scripts_alone),
		in_root(script_of_odd_names),
		in_root(script_behind_a_link),
		in_root(an_engine_that_breaks_harms_no_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
