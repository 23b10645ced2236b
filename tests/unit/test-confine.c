// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Children that only look: what they may do still, and what not any more, asked of the kernel.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/confine.h"
#include "base/worker.h"

#define STRANGER 12345

/* A file that only its owner may read, and a process of another user's. */
struct others {
	char file[64];
	pid_t process;
};

static int make_others(void **state)
{
	static struct others others;
	int fd, ready[2];
	char byte;

	if (geteuid() != 0) {
		*state = NULL;
		return 0;
	}
	strcpy(others.file, "/tmp/test-confine-XXXXXX");
	fd = mkstemp(others.file);
	if (fd < 0 || fchown(fd, STRANGER, STRANGER) < 0 || pipe(ready) < 0)
		return -1;
	close(fd);
	others.process = fork();
	if (others.process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setresuid(STRANGER, STRANGER, STRANGER) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return -1;
	close(ready[0]);
	*state = &others;
	return 0;
}

static int remove_others(void **state)
{
	struct others *others = *state;

	if (!others)
		return 0;
	kill(others->process, SIGKILL);
	waitpid(others->process, NULL, 0);
	return unlink(others->file);
}

static int look(void *data, struct error *err)
{
	const struct others *others = data;
	char path[64];
	auto_close int file = open(others->file, O_RDONLY | O_CLOEXEC), directory = -1;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)others->process);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return file < 0 || directory < 0 ? error_errno(err, errno, "look") : 0;
}

static int give_away(void *data, struct error *err)
{
	const struct others *others = data;

	return chown(others->file, 0, 0) < 0 ? error_errno(err, errno, "chown") : 0;
}

static int end_process(void *data, struct error *err)
{
	const struct others *others = data;

	return kill(others->process, 0) < 0 ? error_errno(err, errno, "kill") : 0;
}

/* Nothing that it starts gets back what it has laid down. */
static int gain_privileges(void *data, struct error *err)
{
	(void)data;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return error_set(err, EINVAL, "new programs may have new privileges");
	return 0;
}

static int run(struct others *others, int (*work)(void *data, struct error *err), bool looks)
{
	struct worker worker = {
		.work = work, .data = others, .unprivileged = looks, .timeout_ms = 10000};

	workers_run(&worker, 1);
	if (worker.result < 0)
		printf("%s\n", worker.error.text);
	return worker.result;
}

static void others_are_looked_at(void **state)
{
	assert_needs(*state, "root, for a process of another user");
	assert_int_equal(run(*state, look, true), 0);
}

static void nothing_of_theirs_is_changed(void **state)
{
	assert_needs(*state, "root, for a process of another user");
	assert_int_equal(run(*state, give_away, true), -EPERM);
	assert_int_equal(run(*state, end_process, true), -EPERM);
	/* Others may. */
	assert_int_equal(run(*state, give_away, false), 0);
	assert_int_equal(run(*state, end_process, false), 0);
}

static void there_is_no_way_back(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, gain_privileges, true), 0);
	assert_int_equal(run(NULL, gain_privileges, false), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_looked_at),
		cmocka_unit_test(nothing_of_theirs_is_changed),
		cmocka_unit_test(there_is_no_way_back),
	};

	return cmocka_run_group_tests(tests, make_others, remove_others);
}
