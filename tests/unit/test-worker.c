// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workers: answers, deaths and overruns, side by side, and cut off from the parent's descriptors.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "base/worker.h"

static void nap(unsigned int ms)
{
	struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&time, NULL);
}

static int succeed(void *data, struct error *err)
{
	(void)data, (void)err;
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

struct nap {
	unsigned int ms;
	int told;
};

static int nap_and_answer(void *data, struct error *err)
{
	const struct nap *nap_for = data;

	(void)err;
	nap(nap_for->ms);
	return 7;
}

static void tell_nap_late(void *data)
{
	const struct nap *nap_for = data;

	if (write(nap_for->told, "!", 1) != 1)
		_exit(3);
}

/* Children that a test has left behind: each that ends may leave us its own. */
static void end_children(void)
{
	auto_free char *path = xasprintf("/proc/self/task/%d/children", (int)getpid());

	do {
		char text[4096] = "", *at = text;
		FILE *file = fopen(path, "re");
		size_t length;

		assert_non_null(file);
		length = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
		text[length] = '\0';
		for (long pid = strtol(at, &at, 10); pid > 0; pid = strtol(at, &at, 10))
			kill((pid_t)pid, SIGKILL);
	} while (waitpid(-1, NULL, 0) > 0);
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
	/* Nobody is left when the next come. */
	workers_run(NULL, 0);
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
	assert_uint_in_range(host_now_ms() - started, 100, 1400);
	assert_int_equal(workers[0].result, -ETIMEDOUT);
	assert_true(workers[0].pid > 0);
	assert_int_equal(kill(workers[0].pid, 0), 0);
	assert_contains(workers[0].error.text, "100 ms");
	assert_int_equal(workers[1].result, 0);
	/* It ends by itself, not from a broken pipe or a signal. */
	assert_int_equal(waitpid(workers[0].pid, NULL, 0), workers[0].pid);
}

/* Its descriptors go one by one when a process ends, and one that hangs may follow the socket. */
static int hang_at_the_end(void *data, struct error *err)
{
	(void)err;
	close_range(3, ~0u, 0);
	nap(*(unsigned int *)data);
	return 0;
}

static void an_end_that_hangs_is_an_overrun(void **state)
{
	unsigned int ms = 6000;
	struct worker worker = {.work = hang_at_the_end, .data = &ms, .timeout_ms = 30000};
	uint64_t started = host_now_ms();

	(void)state;
	workers_run(&worker, 1);
	assert_uint_in_range(host_now_ms() - started, 0, 5000);
	assert_int_equal(worker.result, -ETIMEDOUT);
	assert_true(worker.pid > 0);
	assert_int_equal(waitpid(worker.pid, NULL, 0), worker.pid);
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
	assert_uint_in_range(host_now_ms() - started, 300, 1800);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(workers[i].result, 0);
		assert_uint_in_range(workers[i].duration_ms, 300, 1800);
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
	assert_uint_in_range(host_now_ms() - started, 0, 2000);
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* --- late ones --- */

/* Says what it does by way of a pipe, and comes back when it is told to by another. */
struct story {
	int go[2], told[2];
};

static void story_new(struct story *story)
{
	assert_int_equal(pipe2(story->go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(story->told, O_CLOEXEC), 0);
}

static void story_done(struct story *story)
{
	close(story->go[0]);
	close(story->go[1]);
	close(story->told[0]);
	close(story->told[1]);
}

static void tell(const struct story *story, char word)
{
	if (write(story->told[1], &word, 1) != 1)
		_exit(3);
}

static char hear(const struct story *story)
{
	struct pollfd polled = {.fd = story->told[0], .events = POLLIN};
	char word = '-';

	if (poll(&polled, 1, 10000) == 1 && read(story->told[0], &word, 1) != 1)
		word = '-';
	return word;
}

static void let_go(const struct story *story)
{
	assert_int_equal(write(story->go[1], "g", 1), 1);
}

static int wait_for_go(void *data, struct error *err)
{
	const struct story *story = data;
	char byte;

	tell(story, worker_is_late() ? 'L' : 'b');
	if (read(story->go[0], &byte, 1) != 1)
		return error_set(err, EIO, "nobody lets it go");
	tell(story, worker_is_late() ? 'l' : 'w');
	return 0;
}

static void tell_late(void *data)
{
	tell(data, '!');
}

static void who_overruns_is_told(void **state)
{
	struct story story;
	struct worker worker = {
		.work = wait_for_go, .on_orphaned = tell_late, .data = &story, .timeout_ms = 200};

	(void)state;
	story_new(&story);
	workers_run(&worker, 1);
	assert_int_equal(worker.result, -ETIMEDOUT);
	assert_int_equal(hear(&story), 'b');
	let_go(&story);
	assert_int_equal(hear(&story), 'l');
	assert_int_equal(hear(&story), '!');
	assert_int_equal(waitpid(worker.pid, NULL, 0), worker.pid);
	assert_false(worker_is_late());
	story_done(&story);
}

static void who_is_in_time_is_not_late(void **state)
{
	struct story story;
	struct worker worker = {
		.work = wait_for_go, .on_orphaned = tell_late, .data = &story, .timeout_ms = 10000};

	(void)state;
	story_new(&story);
	let_go(&story);
	workers_run(&worker, 1);
	assert_int_equal(worker.result, 0);
	assert_int_equal(hear(&story), 'b');
	assert_int_equal(hear(&story), 'w');
	close(story.told[1]);
	story.told[1] = -1;
	assert_int_equal(hear(&story), '-');
	story_done(&story);
}

/* Its siblings and its own workers live on: they must not keep it from hearing of that death. */
static int run_another(void *data, struct error *err)
{
	unsigned int ms = 100000;
	struct worker worker = {.work = sleep_ms, .data = &ms, .timeout_ms = 1};

	workers_run(&worker, 1);
	return wait_for_go(data, err);
}

/* Says so when it is at work: by then it has shut what it had of its siblings. */
static int be_there(void *data, struct error *err)
{
	tell(data, 's');
	nap(100000);
	return error_set(err, EINTR, "nobody has ended it");
}

static void who_lost_its_parent_is_told(void **state)
{
	struct story story;
	pid_t pid;

	(void)state;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	story_new(&story);
	pid = fork();
	if (pid == 0) {
		const struct worker sibling = {be_there, NULL, &story, .timeout_ms = 100000};
		struct worker workers[] = {sibling, sibling, sibling};

		workers[1].work = run_another;
		workers[1].on_orphaned = tell_late;
		workers_run(workers, 3);
		_exit(0);
	}
	for (int i = 0; i < 3; i++)
		assert_non_null(strchr("bs", hear(&story)));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	let_go(&story);
	assert_int_equal(hear(&story), 'l');
	assert_int_equal(hear(&story), '!');
	story_done(&story);
	/* Those who sleep are ours now. */
	end_children();
}

/* Many answers around one deadline: each is collected, or its sender knows that it is not. */
static void no_answer_is_lost_at_the_deadline(void **state)
{
	enum { COUNT = 24, ROUNDS = 8 };
	struct nap naps[COUNT];
	struct story story;
	size_t late = 0, answered = 0, told = 0;

	(void)state;
	story_new(&story);
	for (int round = 0; round < ROUNDS; round++) {
		struct worker workers[COUNT];

		for (unsigned int i = 0; i < COUNT; i++) {
			naps[i] = (struct nap){40 + i, story.told[1]};
			workers[i] = (struct worker){.work = nap_and_answer,
						     .on_orphaned = tell_nap_late,
						     .data = &naps[i],
						     .timeout_ms = 55};
		}
		workers_run(workers, COUNT);
		for (unsigned int i = 0; i < COUNT; i++)
			answered += workers[i].result == 7, late += workers[i].result == -ETIMEDOUT;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(story.told[1]);
	story.told[1] = -1;
	while (hear(&story) == '!')
		told++;
	assert_int_equal(answered + late, COUNT * ROUNDS);
	assert_int_equal(told, late);
	assert_true(late > 0);
	story_done(&story);
}

/* Whoever is not waited for at all: somebody who stays behind. */
static void with_no_time_all_are_late(void **state)
{
	struct story story;
	struct worker worker = {.work = wait_for_go, .on_orphaned = tell_late, .data = &story};

	(void)state;
	story_new(&story);
	workers_run(&worker, 1);
	assert_int_equal(worker.result, -ETIMEDOUT);
	assert_true(worker.pid > 0);
	assert_int_equal(hear(&story), 'L');
	let_go(&story);
	assert_int_equal(hear(&story), 'l');
	assert_int_equal(hear(&story), '!');
	assert_int_equal(waitpid(worker.pid, NULL, 0), worker.pid);
	story_done(&story);
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
		cmocka_unit_test(an_end_that_hangs_is_an_overrun),
		cmocka_unit_test(standard_descriptors_are_not_inherited),
		cmocka_unit_test(the_parents_pipe_ends_with_the_parent),
		cmocka_unit_test(who_overruns_is_told),
		cmocka_unit_test(who_is_in_time_is_not_late),
		cmocka_unit_test(no_answer_is_lost_at_the_deadline),
		cmocka_unit_test(with_no_time_all_are_late),
		cmocka_unit_test(nobody_is_fine),
		cmocka_unit_test(who_lost_its_parent_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
