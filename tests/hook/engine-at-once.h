/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Several engines at once: begun without being waited for, and seen from outside.
 */
#include <stdio.h>
#include <time.h>

#include "tests/hook/engine-call.h"

/* What the call reads and writes; before the fork of whoever is to see it afterwards. */
static inline void prepare_call(struct call *call)
{
	free(call->said);
	call->said = NULL;
	call->input_fd = memory_file(call->xml, strlen(call->xml));
	call->stdout_fd = memory_file("", 0);
	call->stderr_fd = memory_file("", 0);
}

/* Starts the engine, with a fault of its own, and does not wait for it. */
static inline pid_t begin_prepared(struct testhost *host, struct call *call,
				   const struct fault *fault)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	if (fault)
		testhost_script_add(host, fault);
	_exit(run_engine(host, call));
}

static inline pid_t begin(struct testhost *host, struct call *call, const struct fault *fault)
{
	prepare_call(call);
	return begin_prepared(host, call, fault);
}

static inline void finish(struct call *call, int status)
{
	close(call->input_fd);
	close(call->stdout_fd);
	call->said = read_back(call->stderr_fd);
	call->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static inline bool has_ended(pid_t pid, int *status)
{
	pid_t ended = waitpid(pid, status, WNOHANG);

	assert_true(ended >= 0);
	return ended == pid;
}

/* Is it asleep until somebody else lets go of one of our locks? */
static inline bool waits_for_lock(pid_t pid)
{
	FILE *locks = fopen("/proc/locks", "re");
	bool waits = false;
	char line[256];
	int waiter;

	while (locks && !waits && fgets(line, sizeof(line), locks))
		waits = sscanf(line, "%*d: -> POSIX ADVISORY WRITE %d", &waiter) == 1 &&
			waiter == pid;
	if (locks)
		fclose(locks);
	return waits;
}

static inline void nap(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	nanosleep(&moment, NULL);
}
