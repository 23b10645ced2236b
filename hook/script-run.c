// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a program of the user is run so that it can neither hold us up nor reach into what is ours:
 * what it inherits, how long it may take, who is ended with it, and when nobody listens any more.
 */
#include "hook/script-run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "hook/memory.h"
#include "hook/script-lines.h"

#define TICK_MS 20 /* where there is no event to wait for */

enum stream { STREAM_LINES, STREAM_OUTPUT, STREAM_REPORT, STREAMS };

struct script_process {
	const struct script_run *run;
	pid_t parent, pid;
	int pidfd;             /* -1 on kernels that have none */
	int streams[STREAMS];  /* our ends; -1 when at their end */
	int far_ends[STREAMS]; /* the child's */
	int input_fd;
	int exec_errno;
	struct script_lines lines;
	bool ended, too_much;
};

static void close_fd(int *fd)
{
	cleanup_close(fd);
	*fd = -1;
}

static void script_process_done(struct script_process *process)
{
	for (int i = 0; i < STREAMS; i++) {
		cleanup_close(&process->streams[i]);
		cleanup_close(&process->far_ends[i]);
	}
	cleanup_close(&process->pidfd);
	cleanup_close(&process->input_fd);
}

/* --- the child: nothing but calls that are safe between fork and exec --- */

static int become_script(const struct script_process *process)
{
	int lines = process->far_ends[STREAM_LINES], output = process->far_ends[STREAM_OUTPUT];
	sigset_t none;

	setsid();
	/* A hook that is killed leaves nobody who would end it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != process->parent)
		return ECANCELED;
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	if (dup2(process->input_fd, STDIN_FILENO) < 0 ||
	    dup2(output < 0 ? lines : output, STDOUT_FILENO) < 0 ||
	    dup2(lines, STDERR_FILENO) < 0 || chdir("/") < 0)
		return errno;
	/* All of ours have the flag already; a library's may not. */
	close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	execve(process->run->path, process->run->argv, process->run->envp);
	return errno;
}

static void __attribute__((noreturn)) child_main(const struct script_process *process)
{
	int code = become_script(process);
	ssize_t written = write(process->far_ends[STREAM_REPORT], &code, sizeof(code));

	_exit(written == (ssize_t)sizeof(code) ? 127 : 126);
}

/* --- the parent --- */

static int open_stream(struct script_process *process, enum stream stream)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	process->streams[stream] = fds[0];
	process->far_ends[stream] = fds[1];
	return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int open_streams(struct script_process *process)
{
	int ret = memory_file_new(process->run->input, process->run->input_length);

	if (ret < 0)
		return ret;
	process->input_fd = ret;
	ret = open_stream(process, STREAM_LINES);
	if (ret == 0)
		ret = open_stream(process, STREAM_REPORT);
	if (ret == 0 && process->run->output)
		ret = open_stream(process, STREAM_OUTPUT);
	return ret;
}

static int start(struct script_process *process)
{
	int ret = open_streams(process);

	if (ret < 0)
		return ret;
	process->parent = getpid();
	process->pid = fork();
	if (process->pid < 0)
		return -errno;
	if (process->pid == 0)
		child_main(process);
	for (int i = 0; i < STREAMS; i++)
		close_fd(&process->far_ends[i]);
	close_fd(&process->input_fd);
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	return 0;
}

static void take(struct script_process *process, enum stream stream, const char *data,
		 size_t length)
{
	struct text *output = process->run->output;

	switch (stream) {
	case STREAM_LINES:
		script_lines_add(&process->lines, data, length);
		break;
	case STREAM_OUTPUT:
		if (output->length + length > SCRIPT_OUTPUT_MAX)
			process->too_much = true;
		else
			text_append(output, data, length);
		break;
	case STREAM_REPORT:
		if (length == sizeof(process->exec_errno))
			memcpy(&process->exec_errno, data, length);
		break;
	case STREAMS:
		break;
	}
}

static void read_stream(struct script_process *process, enum stream stream)
{
	char chunk[65536];
	ssize_t length = read(process->streams[stream], chunk, sizeof(chunk));

	if (length > 0)
		take(process, stream, chunk, (size_t)length);
	else if (length == 0 || (errno != EAGAIN && errno != EINTR))
		close_fd(&process->streams[stream]);
}

/* Not reaped: until then its number is no other process's or group's. */
static bool has_ended(const struct script_process *process)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

/* One event, or the time is over. */
static void pump(struct script_process *process, uint64_t wait_ms)
{
	/* Once it has ended, its descriptor would always be an event. */
	int pidfd = process->ended ? -1 : process->pidfd;
	struct pollfd polls[STREAMS + 1];
	int timeout = wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;

	for (int i = 0; i < STREAMS; i++)
		polls[i] = (struct pollfd){.fd = process->streams[i], .events = POLLIN};
	polls[STREAMS] = (struct pollfd){.fd = pidfd, .events = POLLIN};
	if (pidfd < 0 && timeout > TICK_MS)
		timeout = TICK_MS;
	if (poll(polls, STREAMS + 1, timeout) < 0)
		return;
	for (int i = 0; i < STREAMS; i++)
		if (polls[i].revents)
			read_stream(process, (enum stream)i);
	process->ended = process->ended || has_ended(process);
}

static void pump_until_ended(struct script_process *process, uint64_t end_ms)
{
	uint64_t now_ms;

	while (!process->ended && (now_ms = host_now_ms()) < end_ms)
		pump(process, end_ms - now_ms);
}

static bool is_heard(const struct script_process *process)
{
	return process->streams[STREAM_LINES] >= 0 || process->streams[STREAM_OUTPUT] >= 0;
}

/* What is written already, and what a filter behind a pipe still has; not a child for ever. */
static void hear_out(struct script_process *process)
{
	uint64_t end_ms = host_now_ms() + SCRIPT_KILL_MS / 2, now_ms;

	while (is_heard(process) && (now_ms = host_now_ms()) < end_ms)
		pump(process, end_ms - now_ms);
	script_lines_end(&process->lines);
}

/* What a filter writes may still be on its way through a pipe when the script has ended. */
static bool is_through(const struct script_process *process)
{
	return process->ended && process->streams[STREAM_OUTPUT] < 0;
}

static void wait_in_time(struct script_process *process)
{
	uint64_t now_ms = host_now_ms(), end_ms = now_ms + process->run->timeout_ms;

	while (!is_through(process) && !process->too_much && now_ms < end_ms) {
		pump(process, end_ms - now_ms);
		now_ms = host_now_ms();
	}
}

/* Before it has made a group of its own it is alone. */
static void signal_group(const struct script_process *process, int number)
{
	if (kill(-process->pid, number) < 0 && !process->ended)
		kill(process->pid, number);
}

/* Those that it leads: they may take less notice of SIGTERM than itself. Call once it is reaped. */
static void end_rest_of_group(const struct script_process *process, uint64_t end_ms)
{
	while (kill(-process->pid, 0) == 0 && host_now_ms() < end_ms)
		poll(NULL, 0, TICK_MS);
	kill(-process->pid, SIGKILL);
}

static int reap(const struct script_process *process)
{
	int status = 0;

	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* One that does not end even by SIGKILL waits in the kernel: it is left to itself. */
static void end_group(struct script_process *process)
{
	uint64_t end_ms = host_now_ms() + SCRIPT_GRACE_MS;

	signal_group(process, SIGTERM);
	pump_until_ended(process, end_ms);
	if (!process->ended) {
		signal_group(process, SIGKILL);
		pump_until_ended(process, host_now_ms() + SCRIPT_KILL_MS / 2);
	}
	if (process->ended) {
		reap(process);
		end_rest_of_group(process, end_ms);
	}
}

static void tell_last_line(const struct script_process *process, struct text *why)
{
	auto_free char *last = script_lines_last(&process->lines);

	if (last)
		text_printf(why, ": %s", last);
}

static int judge_overrun(struct script_process *process, struct text *why)
{
	end_group(process);
	hear_out(process);
	if (process->too_much)
		text_printf(why, "wrote more than %zu bytes", SCRIPT_OUTPUT_MAX);
	else
		text_printf(why, "did not end within %g s", process->run->timeout_ms / 1000.0);
	text_printf(why, process->ended ? " and was ended"
					: " and cannot be ended: it waits in the kernel");
	tell_last_line(process, why);
	return process->too_much ? -EFBIG : -ETIMEDOUT;
}

static int judge_end(struct script_process *process, struct text *why)
{
	int status;

	hear_out(process);
	status = reap(process);
	if (process->exec_errno) {
		text_printf(why, "could not be run: %s", strerror(process->exec_errno));
		return -process->exec_errno;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !process->too_much) {
		if (process->streams[STREAM_OUTPUT] < 0)
			return 0;
		text_printf(why, "has ended, but not what it has started, which may still write to "
				 "its standard output");
		return -EPIPE;
	}
	if (process->too_much)
		text_printf(why, "wrote more than %zu bytes", SCRIPT_OUTPUT_MAX);
	else if (WIFSIGNALED(status))
		text_printf(why, "was ended by signal %d (%s)", WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
	else
		text_printf(why, "ended with exit status %d", WEXITSTATUS(status));
	tell_last_line(process, why);
	return -ECHILD;
}

int script_run(const struct script_run *run, struct text *why)
{
	cleanup(script_process_done) struct script_process process = {
		.run = run,
		.pidfd = -1,
		.streams = {-1, -1, -1},
		.far_ends = {-1, -1, -1},
		.input_fd = -1,
		.lines = {.line = run->line, .data = run->data},
	};
	int ret = start(&process);

	if (ret < 0) {
		text_printf(why, "could not be started: %s", strerror(-ret));
		return ret;
	}
	wait_in_time(&process);
	return process.ended ? judge_end(&process, why) : judge_overrun(&process, why);
}
