// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workers: answers, deaths and overruns, side by side, and cut off from the parent's descriptors.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/host.h"
#include "base/worker.h"

static void nap(unsigned int ms)
{
	struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&time, NULL);
}

static int succeed(void *data, struct error *err)
{
	(void)data;
	(void)err;
	return 0;
}

static int refuse(void *data, struct error *err)
{
	return error_set(err, ENODEV, "no %s", (const char *)data);
}

static int be_killed(void *data, struct error *err)
{
	(void)data;
	(void)err;
	raise(SIGKILL);
	return 0;
}

static int leave(void *data, struct error *err)
{
	(void)data;
	(void)err;
	_exit(0);
}

static int sleep_ms(void *data, struct error *err)
{
	(void)err;
	nap(*(unsigned int *)data);
	return 0;
}

static char what[] = "device";

static void answers_come_back(void **state)
{
	struct worker workers[] = {
		{.work = succeed, .timeout_ms = 5000},
		{.work = refuse, .data = what, .timeout_ms = 5000},
	};

	(void)state;
	workers_run(workers, 2);
	assert_int_equal(workers[0].result, 0);
	assert_int_equal(workers[0].error.code, 0);
	assert_int_equal(workers[0].pid, 0);
	assert_int_equal(workers[1].result, -ENODEV);
	assert_int_equal(workers[1].error.code, ENODEV);
	assert_string_equal(workers[1].error.text, "no device");
}

static void a_dying_child_is_an_error(void **state)
{
	struct worker workers[] = {
		{.work = be_killed, .timeout_ms = 5000},
		{.work = leave, .timeout_ms = 5000},
		{.work = succeed, .timeout_ms = 5000},
	};

	(void)state;
	workers_run(workers, 3);
	assert_int_equal(workers[0].result, -ECHILD);
	assert_contains(workers[0].error.text, "9");
	assert_int_equal(workers[1].result, -ECHILD);
	assert_int_equal(workers[2].result, 0);
	/* Nobody is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void an_overrun_is_left_running(void **state)
{
	unsigned int long_ms = 1500;
	struct worker workers[] = {
		{.work = sleep_ms, .data = &long_ms, .timeout_ms = 100},
		{.work = succeed, .timeout_ms = 5000},
	};
	uint64_t started = host_now_ms();

	(void)state;
	workers_run(workers, 2);
	assert_in_range(host_now_ms() - started, 100, 1400);
	assert_int_equal(workers[0].result, -ETIMEDOUT);
	assert_true(workers[0].pid > 0);
	assert_int_equal(kill(workers[0].pid, 0), 0);
	assert_contains(workers[0].error.text, "100 ms");
	assert_int_equal(workers[1].result, 0);
	/* It ends by itself, not from a broken pipe or a signal. */
	assert_int_equal(waitpid(workers[0].pid, NULL, 0), workers[0].pid);
}

static void workers_run_side_by_side(void **state)
{
	unsigned int ms = 300;
	struct worker workers[8];
	uint64_t started = host_now_ms();

	(void)state;
	for (int i = 0; i < 8; i++)
		workers[i] = (struct worker){.work = sleep_ms, .data = &ms, .timeout_ms = 10000};
	workers_run(workers, 8);
	assert_in_range(host_now_ms() - started, 300, 1800);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(workers[i].result, 0);
		assert_in_range(workers[i].duration_ms, 300, 1800);
	}
}

/* 0 when none of the descriptors 0, 1, 2 is the file of stat *data, and the session is its own. */
static int look_around(void *data, struct error *err)
{
	const struct stat *file = data;

	for (int fd = 0; fd <= 2; fd++) {
		struct stat mine;

		if (fstat(fd, &mine) == 0 && mine.st_dev == file->st_dev &&
		    mine.st_ino == file->st_ino)
			return error_set(err, EEXIST, "descriptor %d", fd);
	}
	return getsid(0) == getpid() ? 0 : error_set(err, EPERM, "not a session of its own");
}

static void standard_descriptors_are_not_inherited(void **state)
{
	struct worker worker = {.work = look_around, .timeout_ms = 5000};
	int pipe_fds[2], saved[3];
	struct stat file;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(fstat(pipe_fds[1], &file), 0);
	worker.data = &file;
	for (int fd = 0; fd <= 2; fd++) {
		saved[fd] = dup(fd);
		dup2(pipe_fds[1], fd);
	}
	workers_run(&worker, 1);
	for (int fd = 0; fd <= 2; fd++) {
		dup2(saved[fd], fd);
		close(saved[fd]);
	}
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_int_equal(worker.result, 0);
}

/* As libvirt does: read a hook's stderr to its end, with a worker of it still at work. */
static void the_parents_pipe_ends_with_the_parent(void **state)
{
	unsigned int ms = 3000;
	uint64_t started = host_now_ms();
	int pipe_fds[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		struct worker worker = {.work = sleep_ms, .data = &ms, .timeout_ms = 50};

		for (int fd = 0; fd <= 2; fd++)
			dup2(pipe_fds[1], fd);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		workers_run(&worker, 1);
		_exit(worker.result == -ETIMEDOUT ? 0 : 1);
	}
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &byte, 1), 0);
	assert_in_range(host_now_ms() - started, 0, 2000);
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void nobody_is_fine(void **state)
{
	(void)state;
	workers_run(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_back),
		cmocka_unit_test(a_dying_child_is_an_error),
		cmocka_unit_test(an_overrun_is_left_running),
		cmocka_unit_test(workers_run_side_by_side),
		cmocka_unit_test(standard_descriptors_are_not_inherited),
		cmocka_unit_test(the_parents_pipe_ends_with_the_parent),
		cmocka_unit_test(nobody_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
