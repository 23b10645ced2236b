// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to make a busy host: processes that do nothing, with descriptors as usual ones have them.
 *
 *   crowd PROCESSES DESCRIPTORS
 *
 * Prints a line when all are there; they end with this one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Each process has its own: what is shared by a fork is cheaper to ask about. */
static int open_one(int kind)
{
	switch (kind % 4) {
	case 0:
		return socket(AF_UNIX, SOCK_STREAM, 0);
	case 1:
		return eventfd(0, 0);
	case 2:
		return open("/proc/self/exe", O_RDONLY);
	default:
		return open("/dev/null", O_RDWR);
	}
}

static void stand_there(int descriptors, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* There are four: the standard ones, and the one to be ready by. */
	for (int kind = 4; kind < descriptors; kind++) {
		int fd = open_one(kind);

		if (fd < 0)
			die("open");
	}
	if (write(ready, "r", 1) != 1)
		die("ready");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[1]) : 0, ready[2];
	char byte;

	if (count <= 0 || pipe(ready) < 0)
		die("usage: crowd PROCESSES DESCRIPTORS");
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			close(ready[0]);
			stand_there(atoi(argv[2]), ready[1]);
		}
		if (read(ready[0], &byte, 1) != 1)
			die("a process of the crowd");
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
