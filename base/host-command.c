// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a program of the host is run: in the host's own root directory, in a session of its own, so
 * that a Ctrl-C meant for this program does not end it half-way, and with nothing of the caller's
 * environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-real.h"

/* Lists of what is in an image are long. */
#define SAID_MAX (8u * 1024 * 1024)
#define LOOK_AGAIN_MS 200

static char *const environment[] = {
	(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	(char *)"LC_ALL=C", (char *)"HOME=/root", (char *)"DEBIAN_FRONTEND=noninteractive", NULL};

static bool is_own_root(int root)
{
	struct stat here, there;

	return stat("/", &here) == 0 && fstat(root, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/*
 * What is mounted somewhere has its files, and none of what a running system has besides: without
 * it no program finds out what the root is. In a mount namespace of its own nothing of it stays.
 */
static bool enter_other(void)
{
	static const char *const mounts[][2] = {
		{"/dev", "dev"}, {"/proc", "proc"}, {"/sys", "sys"}};

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return false;
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++)
		mount(mounts[i][0], mounts[i][1], NULL, MS_BIND | MS_REC, NULL);
	return chroot(".") == 0 && chdir("/") == 0;
}

/*
 * The copy is not closed by execve(2). Scripts open files of their own under small numbers, and
 * would close it by that.
 */
static void hold(int fd, const char *program)
{
	int held = fcntl(fd, F_DUPFD, 100);

	if (held >= 0 && ftruncate(held, 0) == 0 && lseek(held, 0, SEEK_SET) == 0)
		dprintf(held, "%d %s\n", (int)getpid(), program);
}

/* In the child; says by its exit status why there is no program: 127 not there, 126 any other. */
static _Noreturn void become(const struct host *host, char *const *argv, int output)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	umask(022);
	if (host->held_fd > 0)
		hold(host->held_fd, argv[0]);
	if (fchdir(host->fd[HOST_ROOT]) == 0 && (is_own_root(host->fd[HOST_ROOT]) || enter_other()))
		execve(argv[0], argv, environment);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Only the end is kept: there stands why it failed. */
static void keep_end(struct text *said, const char *data, size_t length)
{
	text_append(said, data, length);
	if (said->length > 2 * SAID_MAX) {
		memmove(said->data, said->data + said->length - SAID_MAX, SAID_MAX + 1);
		said->length = SAID_MAX;
	}
}

/* How much; at the end of its output nothing, and output is -1. */
static size_t read_some(int *output, struct text *said)
{
	char buffer[4096];
	ssize_t length = read(*output, buffer, sizeof(buffer));

	if (length > 0) {
		keep_end(said, buffer, (size_t)length);
		return (size_t)length;
	}
	if (length == 0 || errno != EINTR) {
		close(*output);
		*output = -1;
	}
	return 0;
}

/* What was in the pipe when the program had ended, and nothing that others put there later. */
static void read_rest(int *output, struct text *said)
{
	int rest = 0;

	if (*output < 0 || ioctl(*output, FIONREAD, &rest) < 0)
		return;
	while (*output >= 0 && rest > 0)
		rest -= (int)read_some(output, said);
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == pid;
}

/*
 * Until the program has ended; false: time is over. Its output may end before that, or, where it
 * has started a service that keeps what it was given, never.
 */
static bool listen_to(pid_t pid, int *output, struct text *said)
{
	uint64_t end = host_now_ms() + HOST_COMMAND_TIMEOUT_S * 1000ull;
	/* Where the kernel has no such descriptor, its end is seen a little later. */
	auto_close int process = (int)syscall(SYS_pidfd_open, pid, 0);

	while (!has_ended(pid)) {
		struct pollfd ready[] = {{.fd = *output, .events = POLLIN},
					 {.fd = process, .events = POLLIN}};

		if (host_now_ms() >= end)
			return false;
		if (poll(ready, 2, LOOK_AGAIN_MS) > 0 && ready[0].revents)
			read_some(output, said);
	}
	read_rest(output, said);
	return true;
}

static int judge(const char *program, int status, struct error *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return error_set(err, ENOENT, "%s: there is no such program", program);
	if (WIFEXITED(status))
		return error_set(err, EIO, "%s ended with status %d", program, WEXITSTATUS(status));
	return error_set(err, EIO, "%s was ended by signal %d (%s)", program, WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
}

int real_command_run(struct host *host, char *const *argv, struct text *said, struct error *err)
{
	auto_close int output = -1;
	int ends[2], status = 0;
	bool in_time;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "run %s", argv[0]);
	output = ends[0];
	pid = fork();
	if (pid == 0)
		become(host, argv, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return error_errno(err, errno, "run %s", argv[0]);
	in_time = listen_to(pid, &output, said);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return error_set(err, ETIMEDOUT, "%s was not over after %d minutes, and was ended",
				 argv[0], HOST_COMMAND_TIMEOUT_S / 60);
	return judge(argv[0], status, err);
}

int host_command_run(struct host *host, char *const *argv, struct text *said, struct error *err)
{
	if (!host->ops || !host->ops->command_run)
		return error_set(err, EROFS, "run %s: this host can only be read", argv[0]);
	return host->ops->command_run(host, argv, said, err);
}
