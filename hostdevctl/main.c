// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of subcommands, and how one of them is found and run.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "model/suggest.h"

static const struct command *const commands[] = {
	&check_command,  &generate_command, &guest_command, &holders_command, &lend_command,
	&list_command,   &log_command,      &plan_command,  &recover_command, &repin_command,
	&report_command, &return_command,   &set_command,   &status_command,  &xml_command,
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
	printf("  help     explain a command\n"
	       "  version  print the version\n"
	       "\nOptions:\n"
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

	snprintf(name, sizeof(name), "hostdevctl %s", command->name);
	argv[0] = name;
	return command->run(argc, argv);
}

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, word) == 0)
			return commands[i];
	return NULL;
}

static int refuse_unknown(const char *word)
{
	const char *known[COMMAND_COUNT + 2] = {"help", "version"};
	auto_free char *suggestion = NULL;

	if (word[0] == '-') {
		static const char *const options[] = {"--help", "--version"};

		suggestion = suggest_text(word, options, 2);
		return command_misuse(NULL, "unknown option \"%s\"%s", word, suggestion);
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		known[2 + i] = commands[i]->name;
	suggestion = suggest_text(word, known, COMMAND_COUNT + 2);
	return command_misuse(NULL, "unknown command \"%s\"%s", word, suggestion);
}

static int help_with(int argc, char **argv)
{
	const struct command *command;

	if (argc == 0)
		return help();
	if (argc > 1)
		return command_misuse(NULL, "help takes at most one COMMAND");
	command = find_command(argv[0]);
	return command ? command_help(command) : refuse_unknown(argv[0]);
}

static int version(int argc)
{
	if (argc > 0)
		return command_misuse(NULL, "version takes no argument");
	printf("hostdevctl " HOSTDEV_VERSION "\n");
	return COMMAND_DONE;
}

static int dispatch(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *command;

	if (!word)
		return command_misuse(NULL, "no command given");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help();
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return version(0);
	if (strcmp(word, "help") == 0)
		return help_with(argc - 2, argv + 2);
	if (strcmp(word, "version") == 0)
		return version(argc - 2);
	command = find_command(word);
	return command ? run(command, argc - 1, argv + 1) : refuse_unknown(word);
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
