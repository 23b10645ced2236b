// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Children that may be lost: how they are cut off from the parent's descriptors, how their answer
 * comes back, and how long anybody waits for it.
 */
#include "base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/confine.h"
#include "base/host.h"
#include "base/text.h"

/* Small enough for one atomic write to the pipe (PIPE_BUF is 4096). */
struct answer {
	int result;
	struct error error;
};

/* Whoever reads the parent's output to its end must not wait for this child. */
static void leave_parent(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
}

static void __attribute__((noreturn)) child_main(const struct worker *worker, int fd)
{
	struct answer answer = {.result = 0};
	ssize_t written;

	leave_parent();
	if (worker->looks)
		confine_to_looking();
	answer.result = worker->work(worker->data, &answer.error);
	written = write(fd, &answer, sizeof(answer));
	/* _exit: the parent's buffers and handlers are not this child's to run. */
	_exit(written == (ssize_t)sizeof(answer) ? 0 : 1);
}

static void start(struct worker *worker)
{
	int fds[2];
	pid_t pid;

	worker->pid = 0;
	worker->fd = -1;
	worker->duration_ms = 0;
	worker->error = (struct error)ERROR_INIT;
	if (pipe2(fds, O_CLOEXEC) < 0) {
		worker->result = error_errno(&worker->error, errno, "pipe");
		return;
	}
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		child_main(worker, fds[1]);
	}
	close(fds[1]);
	if (pid < 0) {
		worker->result = error_errno(&worker->error, errno, "fork");
		close(fds[0]);
		return;
	}
	worker->pid = pid;
	worker->fd = fds[0];
}

/* The pipe has an answer or its end. */
static void collect(struct worker *worker, uint64_t started_ms)
{
	struct answer answer;
	ssize_t length = read(worker->fd, &answer, sizeof(answer));
	int status = 0;

	worker->duration_ms = host_now_ms() - started_ms;
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (length == (ssize_t)sizeof(answer)) {
		worker->result = answer.result;
		worker->error = answer.error;
	} else if (WIFSIGNALED(status)) {
		worker->result =
			error_set(&worker->error, ECHILD, "killed by signal %d", WTERMSIG(status));
	} else {
		worker->result = error_set(&worker->error, ECHILD, "ended without an answer");
	}
	close(worker->fd);
	worker->fd = -1;
	worker->pid = 0;
}

static void overrun(struct worker *worker, uint64_t started_ms)
{
	worker->duration_ms = host_now_ms() - started_ms;
	worker->result = error_set(&worker->error, ETIMEDOUT,
				   "the kernel has not answered for %u ms (process %d is still at "
				   "it)",
				   worker->timeout_ms, (int)worker->pid);
	/* Not killed: a write that waits for a lock is carried out even so, when it gets it. */
	close(worker->fd);
	worker->fd = -1;
}

/* Milliseconds until the first deadline, -1 with nobody to wait for. */
static int next_timeout(const struct worker *workers, size_t count, uint64_t waited_ms)
{
	int timeout = -1;

	for (size_t i = 0; i < count; i++) {
		int left;

		if (workers[i].fd < 0)
			continue;
		left = workers[i].timeout_ms > waited_ms ? (int)(workers[i].timeout_ms - waited_ms)
							 : 0;
		if (timeout < 0 || left < timeout)
			timeout = left;
	}
	return timeout;
}

void workers_run(struct worker *workers, size_t count)
{
	auto_free struct pollfd *polls = xcalloc(count, sizeof(*polls));
	uint64_t started_ms = host_now_ms();
	int timeout;

	for (size_t i = 0; i < count; i++)
		start(&workers[i]);
	while ((timeout = next_timeout(workers, count, host_now_ms() - started_ms)) >= 0) {
		for (size_t i = 0; i < count; i++)
			polls[i] = (struct pollfd){.fd = workers[i].fd, .events = POLLIN};
		if (poll(polls, count, timeout) < 0) {
			/* Out of memory, say: time passes all the same, and with it the deadlines.
			 */
			for (size_t i = 0; i < count; i++)
				polls[i].revents = 0;
		}
		for (size_t i = 0; i < count; i++) {
			if (workers[i].fd < 0)
				continue;
			if (polls[i].revents)
				collect(&workers[i], started_ms);
			else if (host_now_ms() - started_ms >= workers[i].timeout_ms)
				overrun(&workers[i], started_ms);
		}
	}
}
