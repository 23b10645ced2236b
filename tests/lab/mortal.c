/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mortal [--all] [--gone PATH [--gone PATH]] DELAY_US COMMAND...
 * mortal --first PROGRAM [--victim PID] DELAY_US COMMAND...
 *
 * Runs COMMAND and kills it, as kill -9 does, so many microseconds later; 0: never. Prints
 * "killed", or, where it was too late, "ended STATUS MICROSECONDS". COMMAND's output goes to
 * stderr.
 *
 * This file knows how libvirt's daemon, its hook and the hook's workers are related, and how each
 * is killed at a moment that is exact to some microseconds:
 *
 *   (neither)  COMMAND is the hook. Its parent, which stands for the daemon, ends with it.
 *   --all      its workers are killed too, as far as the kernel lets them die
 *   --gone     the time counts from when PATH is not there any more; of two PATHs, neither
 *   --first    COMMAND makes somebody else run PROGRAM: the time counts from its first exec, and it
 *              is that process which is killed; or PID
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "mortal: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int pid_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static pid_t run(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], argv);
	die(argv[0]);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Is it still there after the time? A zombie is not. */
static bool outlives(int pidfd, uint64_t delay_us)
{
	struct pollfd poll = {.fd = pidfd, .events = POLLIN};
	struct timespec time = {
		.tv_sec = (time_t)(delay_us / 1000000),
		.tv_nsec = (long)(delay_us % 1000000 * 1000),
	};

	return ppoll(&poll, 1, delay_us ? &time : NULL, NULL) == 0;
}

/* Is it still there when the path is gone? With no path: yes. */
static bool outlives_path(int pidfd, const char *path)
{
	while (path && access(path, F_OK) == 0)
		if (!outlives(pidfd, 1000))
			return false;
	return true;
}

/* Those whose parents are dead: we are whom the kernel gives them to. */
static void kill_orphans(void)
{
	FILE *children = fopen("/proc/thread-self/children", "r");
	int pid;

	if (!children)
		die("/proc/thread-self/children");
	while (fscanf(children, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(children);
}

/* The hook's parent: says which process it is, and ends with it. */
_Noreturn static void be_the_daemon(char **argv, int says)
{
	pid_t hook;

	setsid();
	hook = run(argv);
	if (write(says, &hook, sizeof(hook)) != sizeof(hook))
		die("write");
	exit(wait_for(hook));
}

static int kill_the_hook(char **argv, uint64_t delay_us, bool all, const char **gone)
{
	uint64_t start = now_us();
	int status, pipes[2], hookfd;
	pid_t daemon, hook;
	bool killed;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe2(pipes, O_CLOEXEC) < 0)
		die("pipe");
	daemon = fork();
	if (daemon == 0)
		be_the_daemon(argv, pipes[1]);
	if (daemon < 0 || read(pipes[0], &hook, sizeof(hook)) != sizeof(hook))
		die("no hook");
	/* It may have ended; its parent reaps it. */
	hookfd = pid_open(hook);
	killed = hookfd >= 0 && outlives_path(hookfd, gone[0]) && outlives_path(hookfd, gone[1]) &&
		 outlives(hookfd, delay_us) &&
		 syscall(SYS_pidfd_send_signal, hookfd, SIGKILL, NULL, 0) == 0;
	status = wait_for(daemon);
	if (killed && all)
		kill_orphans();
	if (killed && status == 128 + SIGKILL)
		puts("killed");
	else
		printf("ended %d %llu\n", status, (unsigned long long)(now_us() - start));
	return 0;
}

/* The process that runs PROGRAM first; 0 where COMMAND ends before. */
static pid_t first_run(int events, int commandfd)
{
	struct pollfd polls[] = {
		{.fd = events, .events = POLLIN},
		{.fd = commandfd, .events = POLLIN},
	};
	struct fanotify_event_metadata event;

	while (poll(polls, 2, -1) < 0)
		if (errno != EINTR)
			die("poll");
	if (!(polls[0].revents & POLLIN))
		return 0;
	if (read(events, &event, sizeof(event)) != sizeof(event))
		die("read of exec");
	if (event.fd >= 0)
		close(event.fd);
	return event.pid;
}

static int kill_at_first(const char *program, pid_t victim, char **argv, uint64_t delay_us)
{
	int events = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	int victimfd = -1, status;
	uint64_t start;
	pid_t command, first;
	bool killed = false;

	if (events < 0 || fanotify_mark(events, FAN_MARK_ADD, FAN_OPEN_EXEC, AT_FDCWD, program) < 0)
		die(program);
	command = run(argv);
	first = first_run(events, pid_open(command));
	start = now_us();
	if (first > 0)
		victimfd = pid_open(victim ? victim : first);
	if (victimfd >= 0)
		killed = outlives(victimfd, delay_us) &&
			 syscall(SYS_pidfd_send_signal, victimfd, SIGKILL, NULL, 0) == 0;
	start = now_us() - start;
	status = wait_for(command);
	if (killed)
		puts("killed");
	else
		printf("ended %d %llu\n", status, (unsigned long long)start);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"all", no_argument, NULL, 'a'},
		{"first", required_argument, NULL, 'f'},
		{"gone", required_argument, NULL, 'g'},
		{"victim", required_argument, NULL, 'v'},
		{0},
	};
	const char *program = NULL, *gone[2] = {NULL};
	pid_t victim = 0;
	bool all = false;
	uint64_t delay_us;
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		all |= option == 'a';
		if (option == 'f')
			program = optarg;
		if (option == 'g')
			gone[gone[0] ? 1 : 0] = optarg;
		if (option == 'v' && optarg)
			victim = atoi(optarg);
		if (option == '?')
			return 2;
	}
	if (argc - optind < 2)
		return 2;
	delay_us = strtoull(argv[optind], NULL, 10);
	argv += optind + 1;
	return program ? kill_at_first(program, victim, argv, delay_us)
		       : kill_the_hook(argv, delay_us, all, gone);
}
