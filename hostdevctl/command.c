// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How hostdevctl speaks: usage on stdout when asked for, everything else a line on stderr.
 * Tests: ctl/main.bats.
 */
#include "hostdevctl/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/suggest.h"

/* More options than any command has. */
#define OPTIONS_MAX 64

int command_help(const struct command *command)
{
	printf("Usage: hostdevctl %s %s\n\n%s\n\n%s", command->name, command->synopsis,
	       command->summary, command->help);
	return COMMAND_DONE;
}

int command_try_help(const struct command *command)
{
	fprintf(stderr, "Try 'hostdevctl %s%s--help'.\n", command ? command->name : "",
		command ? " " : "");
	return COMMAND_MISUSED;
}

/* What errors say of others is escaped already: a backslash is shown as it is, and not twice. */
static void keep_backslashes(char *escaped)
{
	static const char backslash[] = "\\x5c";
	char *to = strstr(escaped, backslash);

	for (const char *from = to; from && *from; from++) {
		*to++ = *from;
		if (text_starts(from, backslash))
			from += strlen(backslash) - 1;
	}
	if (to)
		*to = '\0';
}

char *command_escape(const char *line)
{
	char *safe = text_escape(line);

	keep_backslashes(safe);
	return safe;
}

__attribute__((format(printf, 1, 0))) static void note(const char *format, va_list args)
{
	auto_free char *safe = NULL, *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		abort();
	safe = command_escape(text);
	fprintf(stderr, "hostdevctl: %s\n", safe);
}

void command_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(format, args);
	va_end(args);
}

int command_misuse(const struct command *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(format, args);
	va_end(args);
	return command_try_help(command);
}

int command_fail(const struct error *err)
{
	bool may_help = (err->code == EACCES || err->code == EPERM) && geteuid() != 0;

	command_note("%s%s", err->text, may_help ? ": run this with sudo" : "");
	return COMMAND_FAILED;
}

bool command_may_look_at(const struct command *command, const char *root, bool dry_run,
			 int *ret_status)
{
	if (!root || dry_run)
		return true;
	*ret_status = command_misuse(command, "%s changes this host only: --root needs --dry-run",
				     command->name);
	return false;
}

int command_open(const char *root, const struct host_ops *ops, struct host *ret, struct error *err)
{
	return host_open(ret, root ? root : "/", root ? NULL : ops, NULL, err);
}

bool command_confirm(const char *question)
{
	char answer[16] = "";

	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

bool command_is_root(const char *what)
{
	if (geteuid() == 0)
		return true;
	command_note("only root may %s: run this with sudo", what);
	return false;
}

/* "--root" of "--root=/mnt", too. */
static char *option_name(const char *word)
{
	return xasprintf("%.*s", (int)strcspn(word, "="), word);
}

static void note_unknown_option(const struct command *command, const char *word,
				const struct option *options)
{
	const char *known[OPTIONS_MAX];
	auto_free char *typed = option_name(word), *suggestion = NULL;
	size_t count = 0, fitting = 0;

	for (const struct option *option = options; option->name && count < OPTIONS_MAX; option++) {
		known[count++] = option->name;
		if (text_starts(option->name, typed + strlen("--")))
			fitting++;
	}
	if (fitting > 1) {
		command_note("%s: %s is the beginning of several options", command->name, typed);
		return;
	}
	suggestion = suggest_text(typed + strlen("--"), known, count);
	if (*suggestion)
		command_note("%s has no option %s; did you mean --%s", command->name, typed,
			     suggestion + strlen("; did you mean "));
	else
		command_note("%s has no option %s", command->name, typed);
}

/*
 * Is it the word that getopt_long(3) complains of? Within several letters behind one dash it stands
 * at the word before them.
 */
static bool is_that_word(const char *word, const struct option *options)
{
	auto_free char *typed = option_name(word);

	if (!text_starts(typed, "--"))
		return false;
	for (const struct option *option = options; optopt && option->name; option++)
		if (option->val == optopt && text_starts(option->name, typed + strlen("--")))
			return true;
	return optopt == 0;
}

static void note_option(const struct command *command, int result, const char *word,
			const struct option *options)
{
	bool is_long = is_that_word(word, options);
	auto_free char *name = is_long ? option_name(word) : xasprintf("-%c", optopt);

	if (result == ':')
		command_note("%s: option %s needs a value", command->name, name);
	else if (!is_long)
		command_note("%s has no option %s", command->name, name);
	else if (optopt)
		command_note("%s: option %s takes no value", command->name, name);
	else
		note_unknown_option(command, word, options);
}

/* With a colon in front a value that is missing is told from an option that is unknown. */
static char *letters_with_colon(const char *letters)
{
	int order = *letters == '-' || *letters == '+';

	return xasprintf("%.*s:%s", order, letters, letters + order);
}

int command_getopt(const struct command *command, int argc, char **argv, const char *letters,
		   const struct option *options)
{
	auto_free char *with_colon = letters_with_colon(letters);
	int result;

	opterr = 0;
	result = getopt_long(argc, argv, with_colon, options, NULL);
	if (result != '?' && result != ':')
		return result;
	note_option(command, result, argv[optind > 1 ? optind - 1 : 1], options);
	return '?';
}

/* --- lists of options --- */

/* What getopt_long(3) returns for an option without a letter: this and its place in the list. */
#define OPTION_VALUES 256

/* The list and --help as getopt_long(3) takes them; heap. letters: their short forms. */
static struct option *getopt_options(const struct command_option *options, struct text *letters)
{
	struct option *list = NULL;
	size_t count = 0;

	for (; options[count].name; count++) {
		const struct command_option *option = &options[count];
		int argument = option->flag    ? no_argument
			       : option->value ? required_argument
					       : option->has_argument;
		int value = option->letter ? option->letter : OPTION_VALUES + (int)count;

		list = array_grow(list, count, sizeof(*list));
		list[count] = (struct option){option->name, argument, NULL, value};
		if (option->letter)
			text_printf(letters, "%c%s", option->letter,
				    argument == required_argument ? ":" : "");
	}
	text_printf(letters, "h");
	array_push(list, count, (struct option){"help", no_argument, NULL, 'h'});
	array_push(list, count, (struct option){0});
	return list;
}

static const struct command_option *find_option(const struct command_option *options, int value)
{
	if (value >= OPTION_VALUES)
		return &options[value - OPTION_VALUES];
	while (options->letter != value)
		options++;
	return options;
}

/* False: something is wrong with the option, which is told. */
static bool take_option(const struct command *command, const struct command_option *option,
			int *ret_status)
{
	auto_free char *wrong = NULL;

	if (option->flag)
		*option->flag = true;
	else if (option->value)
		*option->value = optarg;
	else
		wrong = option->take(option->data, option, optarg);
	if (wrong)
		*ret_status = command_misuse(command, "%s", wrong);
	return !wrong;
}

bool command_options(const struct command *command, const struct command_option *options, int argc,
		     char **argv, int *ret_status)
{
	auto_text struct text letters = TEXT_INIT;
	auto_free struct option *list = getopt_options(options, &letters);
	int value;

	while ((value = command_getopt(command, argc, argv, letters.data, list)) != -1) {
		if (value == 'h' || value == '?') {
			*ret_status =
				value == 'h' ? command_help(command) : command_try_help(command);
			return false;
		}
		if (!take_option(command, find_option(options, value), ret_status))
			return false;
	}
	return true;
}
