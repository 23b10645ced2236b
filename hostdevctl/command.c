// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How hostdevctl speaks: usage on stdout when asked for, everything else a line on stderr.
 */
#include "hostdevctl/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

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
	char *to = escaped;

	for (const char *from = escaped; *from; from++) {
		*to++ = *from;
		if (text_starts(from, backslash))
			from += strlen(backslash) - 1;
	}
	*to = '\0';
}

__attribute__((format(printf, 1, 0))) static void note(const char *format, va_list args)
{
	auto_free char *safe = NULL, *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		abort();
	safe = text_escape(text);
	keep_backslashes(safe);
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
	command_note("%s", err->text);
	return COMMAND_FAILED;
}
