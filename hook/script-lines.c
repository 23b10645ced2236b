// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the bytes that a script writes to lines that may stand in a log: how long one may be, how
 * many there may be, and what they must not hold.
 */
#include "hook/script-lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static void tell(struct script_lines *lines, const char *line)
{
	if (lines->count < SCRIPT_LINES_MAX)
		lines->line(lines->data, line);
	else if (lines->count == SCRIPT_LINES_MAX)
		lines->line(lines->data, "(it writes too much: the rest is not logged)");
	lines->count++;
}

static void finish_line(struct script_lines *lines)
{
	char *escaped;

	if (lines->length > 0 && lines->buffer[lines->length - 1] == '\r')
		lines->length--;
	lines->buffer[lines->length] = '\0';
	if (lines->length > 0) {
		escaped = text_escape(lines->buffer);
		free(lines->last);
		lines->last = lines->cut ? xasprintf("%s...", escaped) : xstrdup(escaped);
		free(escaped);
		tell(lines, lines->last);
	}
	lines->length = 0;
	lines->cut = false;
}

void script_lines_add(struct script_lines *lines, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (data[i] == '\n')
			finish_line(lines);
		else if (lines->length < SCRIPT_LINE_MAX)
			lines->buffer[lines->length++] = data[i] ? data[i] : '?';
		else
			lines->cut = true;
	}
}

void script_lines_end(struct script_lines *lines)
{
	finish_line(lines);
}

void script_lines_done(struct script_lines *lines)
{
	free(lines->last);
	lines->last = NULL;
}
