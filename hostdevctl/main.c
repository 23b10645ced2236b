// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of subcommands, and how one of them is found and run.
 */
#include <stdio.h>
#include <string.h>

#include "hostdevctl/command.h"

static const struct command *const commands[] = {
	&check_command, &generate_command, &guest_command, &holders_command,
	&plan_command,  &recover_command,  &repin_command, &set_command,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	printf("Usage: hostdevctl COMMAND [ARGUMENT...]\n"
	       "       hostdevctl --help | --version\n\n"
	       "Looks at the host PCI devices of libvirt guests, returns those that were left "
	       "behind, "
	       "and\nreserves devices from boot on.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-9s%s\n", commands[i]->name, commands[i]->summary);
	printf("\nOptions:\n"
	       "  -h, --help     this text\n"
	       "  -V, --version  the version\n\n"
	       "Exit status: 0 done, 1 failed or refused, 2 the command line is wrong.\n"
	       "'hostdevctl COMMAND --help' lists a command's options; hostdevctl(8) has the "
	       "rest.\n");
	return COMMAND_DONE;
}

static int run(const struct command *command, int argc, char **argv)
{
	char name[64];

	/* getopt opens its complaints with argv[0]. */
	snprintf(name, sizeof(name), "hostdevctl %s", command->name);
	argv[0] = name;
	return command->run(argc, argv);
}

static int dispatch(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return command_misuse(NULL, "no command given");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help();
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		printf("hostdevctl " HOSTDEV_VERSION "\n");
		return COMMAND_DONE;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, word) == 0)
			return run(commands[i], argc - 1, argv + 1);
	return command_misuse(NULL, "unknown %s \"%s\"", word[0] == '-' ? "option" : "command",
			      word);
}

int main(int argc, char **argv)
{
	int status = dispatch(argc, argv);

	/* A full disk or a reader that is gone must not look like a short answer. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("hostdevctl: write");
		return COMMAND_FAILED;
	}
	return status;
}
