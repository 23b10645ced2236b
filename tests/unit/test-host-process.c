// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ending real processes: politely, by force, and never the wrong one.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/pid.h"

static struct host host;

static int open_host(void **state)
{
	(void)state;
	return host_open(&host, "/", &host_ops_kernel, NULL, NULL);
}

static int close_host(void **state)
{
	(void)state;
	host_close(&host);
	return 0;
}

/* A child that says when it is ready, and does no more; it dies with the test at the latest. */
static pid_t child_start(void (*prepare)(void))
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (prepare)
			prepare();
		close(ready[0]);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static uint64_t start_time(pid_t pid)
{
	struct pid_stat stat = {0};
	struct error err = ERROR_INIT;

	assert_ok(pid_stat_read(&host, pid, &stat, &err), &err);
	return stat.start_time;
}

/* The signal that it died of. */
static int death_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static void ignore_term(void)
{
	signal(SIGTERM, SIG_IGN);
}

static void a_process_ends_when_asked(void **state)
{
	pid_t pid = child_start(NULL);
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_process_end(&host, pid, start_time(pid), 20000, &err), &err);
	assert_int_equal(death_of(pid), SIGTERM);
}

static void one_that_will_not_is_killed_after_its_grace(void **state)
{
	pid_t pid = child_start(ignore_term);
	uint64_t started = host_now_ms();
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_process_end(&host, pid, start_time(pid), 200, &err), &err);
	assert_true(host_now_ms() - started >= 200);
	assert_int_equal(death_of(pid), SIGKILL);
}

static void one_that_will_not_is_spared_where_it_is_only_asked(void **state)
{
	pid_t deaf = child_start(ignore_term), polite = child_start(NULL);
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(host_process_ask(&host, deaf, start_time(deaf), 200, &err), -EBUSY);
	assert_contains(err.text, "SIGTERM");
	assert_int_equal(kill(deaf, 0), 0);
	kill(deaf, SIGKILL);
	assert_int_equal(death_of(deaf), SIGKILL);
	assert_ok(host_process_ask(&host, polite, start_time(polite), 20000, &err), &err);
	assert_int_equal(death_of(polite), SIGTERM);
	assert_int_equal(host_process_ask(&host, 1, start_time(1), 0, &err), -EPERM);
}

static void a_stopped_one_hears_of_it(void **state)
{
	pid_t pid = child_start(NULL);
	struct error err = ERROR_INIT;
	int status;

	(void)state;
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_ok(host_process_end(&host, pid, start_time(pid), 20000, &err), &err);
	assert_int_equal(death_of(pid), SIGTERM);
}

static void one_that_is_gone_is_fine(void **state)
{
	pid_t pid = child_start(NULL);
	uint64_t started = start_time(pid);
	struct error err = ERROR_INIT;

	(void)state;
	kill(pid, SIGKILL);
	/* A zombie first, then nobody. */
	waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
	assert_ok(host_process_end(&host, pid, started, 20000, &err), &err);
	assert_int_equal(death_of(pid), SIGKILL);
	assert_ok(host_process_end(&host, pid, started, 20000, &err), &err);
}

static void another_process_with_its_pid_is_left_alone(void **state)
{
	pid_t pid = child_start(NULL);
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_process_end(&host, pid, start_time(pid) + 1, 0, &err), &err);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGINT);
	assert_int_equal(death_of(pid), SIGINT);
}

static void *wait_for_ever(void *data)
{
	while (pause())
		;
	return data;
}

/* What is left is a thread; /proc calls its process a zombie. */
static void leave_the_rest_to_a_thread(int ready)
{
	pthread_t thread;

	ignore_term();
	pthread_create(&thread, NULL, wait_for_ever, NULL);
	close(ready);
	pthread_exit(NULL);
}

static void threads_without_their_leader_end_too(void **state)
{
	struct error err = ERROR_INIT;
	struct pid_stat stat = {0};
	int ready[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0)
		leave_the_rest_to_a_thread(ready[1]);
	close(ready[1]);
	/* The end of the pipe comes when the leader has closed it and will exit. */
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	while (stat.state != 'Z')
		assert_ok(pid_stat_read(&host, pid, &stat, &err), &err);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_ok(host_process_end(&host, pid, stat.start_time, 100, &err), &err);
	assert_int_equal(death_of(pid), SIGKILL);
}

static void ancestors_are_never_ended(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(host_process_end(&host, getpid(), start_time(getpid()), 0, &err), -EPERM);
	assert_int_equal(host_process_end(&host, getppid(), start_time(getppid()), 0, &err),
			 -EPERM);
	assert_int_equal(host_process_end(&host, 1, start_time(1), 0, &err), -EPERM);
	assert_contains(err.text, "process 1:");
	assert_int_equal(host_process_end(&host, 0, 0, 0, &err), -EPERM);
	assert_int_equal(host_process_end(&host, -1, 0, 0, &err), -EPERM);
}

static void ancestry_is_told(void **state)
{
	pid_t child = child_start(NULL);

	(void)state;
	assert_true(pid_is_ancestor(&host, getpid()));
	assert_true(pid_is_ancestor(&host, getppid()));
	assert_false(pid_is_ancestor(&host, child));
	assert_false(pid_is_ancestor(&host, 0));
	kill(child, SIGKILL);
	death_of(child);
}

static void who_only_looks_ends_nobody(void **state)
{
	struct error err = ERROR_INIT;
	struct host looked;

	(void)state;
	assert_ok(host_open(&looked, "/", &host_ops_readonly, NULL, &err), &err);
	assert_int_equal(host_process_end(&looked, getpid(), 0, 0, &err), -ENOSYS);
	assert_int_equal(host_process_ask(&looked, getpid(), 0, 0, &err), -ENOSYS);
	assert_int_equal(host_write_attr(&looked, "1", &err, "absent"), -EROFS);
	assert_int_equal(host_unit_set(&looked, 0, "a.service", true, 0, &err), -ENOSYS);
	host_close(&looked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_ends_when_asked),
		cmocka_unit_test(one_that_will_not_is_killed_after_its_grace),
		cmocka_unit_test(one_that_will_not_is_spared_where_it_is_only_asked),
		cmocka_unit_test(a_stopped_one_hears_of_it),
		cmocka_unit_test(one_that_is_gone_is_fine),
		cmocka_unit_test(another_process_with_its_pid_is_left_alone),
		cmocka_unit_test(threads_without_their_leader_end_too),
		cmocka_unit_test(ancestors_are_never_ended),
		cmocka_unit_test(ancestry_is_told),
		cmocka_unit_test(who_only_looks_ends_nobody),
	};

	return cmocka_run_group_tests(tests, open_host, close_host);
}
