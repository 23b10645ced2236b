// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the bytes that a script writes to lines that may stand in a log: how long one may be, how
 * many there may be, and what they must not hold.
 */
#include "hook/script-lines.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

char *script_lines_last(const struct script_lines *lines)
{
	auto_free char *escaped = text_escape(lines->last);

	return *escaped ? xasprintf("%s%s", escaped, lines->last_cut ? "..." : "") : NULL;
}

static void tell_last(struct script_lines *lines)
{
	auto_free char *line = NULL;

	if (lines->count < SCRIPT_LINES_MAX) {
		line = script_lines_last(lines);
		lines->line(lines->data, line);
	} else if (lines->count == SCRIPT_LINES_MAX) {
		lines->line(lines->data, "(it writes too much: the rest is not logged)");
	}
	lines->count++;
}

static void finish_line(struct script_lines *lines)
{
	if (lines->length > 0 && lines->buffer[lines->length - 1] == '\r')
		lines->length--;
	if (lines->length > 0) {
		memcpy(lines->last, lines->buffer, lines->length);
		lines->last[lines->length] = '\0';
		for (size_t i = 0; i < lines->length; i++)
			lines->last[i] = lines->last[i] ? lines->last[i] : '?';
		lines->last_cut = lines->cut;
		tell_last(lines);
	}
	lines->length = 0;
	lines->cut = false;
}

static void keep(struct script_lines *lines, const char *data, size_t length)
{
	size_t room = SCRIPT_LINE_MAX - lines->length;

	if (length > room) {
		lines->cut = true;
		length = room;
	}
	memcpy(lines->buffer + lines->length, data, length);
	lines->length += length;
}

void script_lines_add(struct script_lines *lines, const char *data, size_t length)
{
	while (length > 0) {
		const char *end = memchr(data, '\n', length);
		size_t part = end ? (size_t)(end - data) : length;

		keep(lines, data, part);
		data += part;
		length -= part;
		if (!end)
			return;
		finish_line(lines);
		data++;
		length--;
	}
}

void script_lines_end(struct script_lines *lines)
{
	finish_line(lines);
}
