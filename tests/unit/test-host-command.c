// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs of the host are run, and what becomes of them is told. The host is this very machine, of
 * which only shells are asked.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"

static struct host here;

static int open_here(void **state)
{
	(void)state;
	return host_open(&here, "/", &host_ops_files, NULL, NULL);
}

static int close_here(void **state)
{
	(void)state;
	host_close(&here);
	return 0;
}

static int shell(const char *script, struct text *said, struct error *err)
{
	char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)script, NULL};

	return host_command_run(&here, argv, said, err);
}

static void all_that_is_printed_is_kept(void **state)
{
	auto_text struct text said = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(shell("echo one; echo two >&2; printf three", &said, &err), &err);
	assert_text(said.data, "one\ntwo\nthree");
}

static void nothing_of_the_caller_goes_along(void **state)
{
	auto_text struct text said = TEXT_INIT;
	struct error err = ERROR_INIT;
	/* Not to be inherited by chance of its flag. */
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	setenv("HOSTDEV_TEST", "x", 1);
	assert_ok(
		shell("echo \"$HOSTDEV_TEST|$LC_ALL|$HOME|$(pwd)|$(umask)\"; read -r x || echo end",
		      &said, &err),
		&err);
	assert_text(said.data, "|C|/root|/|0022\nend\n");
	unsetenv("HOSTDEV_TEST");
	close(fd);
}

static void how_it_ended_is_told(void **state)
{
	char *const missing[] = {(char *)"/usr/sbin/no-such-program", NULL};
	char *const directory[] = {(char *)"/etc", NULL};
	auto_text struct text said = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(shell("echo why; exit 3", &said, &err), -EIO);
	assert_text(err.text, "/bin/sh ended with status 3");
	assert_text(said.data, "why\n");
	assert_int_equal(shell("kill -9 $$", &said, &err), -EIO);
	assert_contains(err.text, "/bin/sh was ended by signal 9");
	assert_int_equal(host_command_run(&here, missing, &said, &err), -ENOENT);
	assert_text(err.text, "/usr/sbin/no-such-program: there is no such program");
	assert_int_equal(host_command_run(&here, directory, &said, &err), -EIO);
}

static void of_much_the_end_is_kept(void **state)
{
	auto_text struct text said = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(shell("head -c 20000000 /dev/zero | tr '\\0' x; echo the end", &said, &err),
		  &err);
	assert_uint_in_range(said.length, 8u << 20, 17u << 20);
	assert_int_equal(strlen(said.data), said.length);
	assert_text(said.data + said.length - 8, "the end\n");
}

/* As a service does that is started and forgets to close what it was given. */
static void who_only_keeps_the_output_is_not_waited_for(void **state)
{
	auto_text struct text said = TEXT_INIT;
	struct error err = ERROR_INIT;
	uint64_t started_ms = host_now_ms();

	(void)state;
	assert_ok(
		shell("sleep 15 & head -c 60000 /dev/zero | tr '\\0' x; echo the end", &said, &err),
		&err);
	assert_true(host_now_ms() - started_ms < 10000);
	assert_int_equal(said.length, 60008);
	assert_text(said.data + said.length - 8, "the end\n");
	assert_int_equal(shell("sleep 15 & exit 3", &said, &err), -EIO);
	assert_true(host_now_ms() - started_ms < 10000);
}

static void who_prints_no_more_is_waited_for(void **state)
{
	auto_text struct text said = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(shell("echo one; exec >&- 2>&-; sleep 1; exit 3", &said, &err), -EIO);
	assert_text(err.text, "/bin/sh ended with status 3");
	assert_text(said.data, "one\n");
}

static void each_program_holds_what_it_is_given(void **state)
{
	char name[] = "/tmp/test-held-XXXXXX", text[64] = "";
	auto_text struct text said = TEXT_INIT;
	auto_free char *expected = NULL;
	struct error err = ERROR_INIT;
	int fd = mkostemp(name, O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a longer line of an earlier program\n", 36), 36);
	here.held_fd = fd;
	/* Scripts use small numbers for files of their own. */
	assert_ok(shell("exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; echo $$; "
			"find /proc/self/fd -lname '*/test-held-*' | wc -l",
			&said, &err),
		  &err);
	here.held_fd = -1;
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	expected = xasprintf("%.*s /bin/sh\n", (int)strcspn(said.data, "\n"), said.data);
	assert_text(text, expected);
	assert_contains(said.data, "\n1\n");
	close(fd);
	unlink(name);
}

#define ON_HOST(name) cmocka_unit_test_setup_teardown(name, open_here, close_here)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_HOST(all_that_is_printed_is_kept),
		ON_HOST(nothing_of_the_caller_goes_along),
		ON_HOST(how_it_ended_is_told),
		ON_HOST(of_much_the_end_is_kept),
		ON_HOST(who_only_keeps_the_output_is_not_waited_for),
		ON_HOST(who_prints_no_more_is_waited_for),
		ON_HOST(each_program_holds_what_it_is_given),
	};

	return cmocka_run_group_tests_name("host-command", tests, NULL, NULL);
}
