// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to time programs beside one another: whole processes from spawn to wait, every program once
 * a round, so that whatever else the machine does falls on all of them alike.
 *
 *   interleave ROUNDS ORDER NAME STDIN PROGRAM [ARGUMENT...] [';' NAME STDIN PROGRAM ...]
 *
 * ORDER is "shuffled", so that none always follows the same other one, or "given".
 * Prints a line for each: NAME, and in microseconds median, minimum and 90th percentile, then peak
 * memory in KiB (of the process and whatever it waited for; never less than this program's own, in
 * whose memory a process begins) and the median of the processors' time in microseconds, separated
 * by tabs.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 5
#define COMMANDS_MAX 64

struct command {
	const char *name, *input;
	char **argv;
	uint64_t *times_ns, *cpu_ns;
	long peak_kib;
};

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...)
{
	va_list args;

	fputs("interleave: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t cpu_ns(const struct rusage *usage)
{
	uint64_t us = (uint64_t)usage->ru_utime.tv_usec + (uint64_t)usage->ru_stime.tv_usec;

	return ((uint64_t)usage->ru_utime.tv_sec + (uint64_t)usage->ru_stime.tv_sec) * 1000000000 +
	       us * 1000;
}

static pid_t spawn(const struct command *command)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, command->input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	ret = posix_spawn(&pid, command->argv[0], &actions, NULL, command->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret != 0)
		die("%s: %s", command->argv[0], strerror(ret));
	return pid;
}

static void run(struct command *command, int round)
{
	uint64_t begin = now_ns();
	pid_t pid = spawn(command);
	struct rusage usage;
	int status;

	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait for %s failed", command->name);
	if (round >= 0) {
		command->times_ns[round] = now_ns() - begin;
		command->cpu_ns[round] = cpu_ns(&usage);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("%s: ended with wait status 0x%x", command->name, (unsigned int)status);
	if (usage.ru_maxrss > command->peak_kib)
		command->peak_kib = usage.ru_maxrss;
}

static int compare_times(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static double microseconds(uint64_t ns)
{
	return (double)ns / 1000;
}

static void report(struct command *command, int rounds)
{
	const uint64_t *times = command->times_ns;
	int middle = rounds / 2, most = rounds * 9 / 10;

	qsort(command->times_ns, (size_t)rounds, sizeof(*times), compare_times);
	qsort(command->cpu_ns, (size_t)rounds, sizeof(*times), compare_times);
	printf("%s\t%.1f\t%.1f\t%.1f\t%ld\t%.1f\n", command->name, microseconds(times[middle]),
	       microseconds(times[0]), microseconds(times[most]), command->peak_kib,
	       microseconds(command->cpu_ns[middle]));
}

/* Cuts the arguments at each ";". */
static int commands_parse(char **argv, struct command *commands, int rounds)
{
	int count = 0;

	while (*argv) {
		struct command *command = &commands[count];
		int words = 0;

		while (argv[words] && strcmp(argv[words], ";") != 0)
			words++;
		if (count++ == COMMANDS_MAX || words < 3)
			die("too many commands, or too few words in one");
		*command = (struct command){.name = argv[0], .input = argv[1], .argv = argv + 2};
		command->times_ns = calloc((size_t)rounds, sizeof(*command->times_ns));
		command->cpu_ns = calloc((size_t)rounds, sizeof(*command->cpu_ns));
		if (!command->times_ns || !command->cpu_ns)
			die("out of memory");
		argv += words;
		if (*argv)
			*argv++ = NULL;
	}
	return count;
}

/* The same shuffles every time: two runs of the bench differ by the machine only. */
static void shuffle(int *order, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int other = (int)(random() % (i + 1)), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

int main(int argc, char **argv)
{
	struct command commands[COMMANDS_MAX];
	int rounds = argc > 5 ? atoi(argv[1]) : 0;
	int order[COMMANDS_MAX], count;
	bool shuffled;

	if (rounds <= 0)
		die("usage: ROUNDS shuffled|given NAME STDIN PROGRAM [ARGUMENT...] [';' ...]");
	shuffled = strcmp(argv[2], "shuffled") == 0;
	count = commands_parse(argv + 3, commands, rounds);
	for (int i = 0; i < count; i++)
		order[i] = i;
	for (int round = -WARM_UP; round < rounds; round++) {
		if (shuffled)
			shuffle(order, count);
		for (int i = 0; i < count; i++)
			run(&commands[order[i]], round);
	}
	for (int i = 0; i < count; i++) {
		report(&commands[i], rounds);
		free(commands[i].times_ns);
		free(commands[i].cpu_ns);
	}
	return 0;
}
