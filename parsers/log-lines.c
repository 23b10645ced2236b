// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How our lines look in the logs of a system: in the journal's export, and in what syslog writes.
 */
#include "parsers/log-lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define IDENTIFIER "hostdev-hook"

static void log_line_done(struct log_line *line)
{
	free(line->time);
	free(line->guest);
	free(line->message);
	memset(line, 0, sizeof(*line));
}

void log_lines_done(struct log_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		log_line_done(&lines->items[i]);
	free(lines->items);
	memset(lines, 0, sizeof(*lines));
}

/* Takes *line over. */
static void add_line(struct log_lines *lines, struct log_line *line)
{
	if (line->message) {
		array_push(lines->items, lines->count, *line);
		memset(line, 0, sizeof(*line));
	}
	log_line_done(line);
}

/* --- the journal's export --- */

/* What is not read yet. */
struct export
{
	const char *at, *end;
};

static bool name_is(const char *name, size_t length, const char *wanted)
{
	return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

/* As a string ends at a NUL, so does what is kept of a value. */
static char *copy_value(const char *value, size_t length)
{
	return xasprintf("%.*s", (int)strnlen(value, length), value);
}

static void take_field(const char *name, size_t name_length, const char *value, size_t length,
		       struct log_line *line)
{
	char **kept = NULL;

	if (name_is(name, name_length, "MESSAGE"))
		kept = &line->message;
	else if (name_is(name, name_length, "HOSTDEV_GUEST"))
		kept = &line->guest;
	if (kept) {
		free(*kept);
		*kept = copy_value(value, length);
	} else if (name_is(name, name_length, "__REALTIME_TIMESTAMP")) {
		auto_free char *number = copy_value(value, length);

		line->at_us = strtoll(number, NULL, 10);
	}
}

/* "NAME" alone on its line: then come eight bytes with the value's length, and the value. */
static bool take_binary(struct export *export, const char *name, size_t name_length,
			struct log_line *line)
{
	uint64_t length = 0;

	if (export->end - export->at < 8)
		return false;
	for (int i = 7; i >= 0; i--)
		length = length << 8 | (unsigned char)export->at[i];
	export->at += 8;
	if (length >= (uint64_t)(export->end - export->at))
		return false;
	take_field(name, name_length, export->at, (size_t)length, line);
	export->at += length + 1;
	return true;
}

static bool is_field_name(const char *name, size_t length)
{
	return length > 0 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") >= length;
}

void log_lines_parse_export(const char *data, size_t length, struct log_lines *lines)
{
	struct export export = {data, data + length};
	struct log_line line = {0};
	const char *newline;

	while (export.at < export.end &&
	       (newline = memchr(export.at, '\n', (size_t)(export.end - export.at)))) {
		const char *name = export.at;
		size_t whole = (size_t)(newline - name);
		const char *equals = memchr(name, '=', whole);

		export.at = newline + 1;
		if (whole == 0)
			add_line(lines, &line);
		else if (equals)
			take_field(name, (size_t)(equals - name), equals + 1,
				   (size_t)(newline - equals - 1), &line);
		else if (is_field_name(name, whole) && !take_binary(&export, name, whole, &line))
			break;
	}
	add_line(lines, &line);
}

/* --- syslog --- */

/* "... hostdev-hook[812]: MESSAGE": where the message begins; NULL: another program's line. */
static const char *find_message(const char *line, size_t length, const char **ret_tag)
{
	static const char tag[] = " " IDENTIFIER;
	const char *end = line + length, *at = memmem(line, length, tag, sizeof(tag) - 1);
	const char *close;

	/* Behind the name of another program our name is part of its message. */
	if (!at || at == line || at[-1] == ':' || memmem(line, (size_t)(at - line), ": ", 2))
		return NULL;
	*ret_tag = at;
	at += sizeof(tag) - 1;
	if (at < end && *at == '[') {
		close = memchr(at, ']', (size_t)(end - at));
		at = close ? close + 1 : end;
	}
	return end - at > 2 && at[0] == ':' && at[1] == ' ' ? at + 2 : NULL;
}

static bool skip(const char **at, const char *end, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(end - *at) < length || memcmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

/* "NAME: ..." or "NAME is not started: ...": another guest's name may begin with this one. */
static bool is_about(const char *message, const char *end, const char *guest)
{
	skip(&message, end, IDENTIFIER ": ");
	if (!skip(&message, end, guest))
		return false;
	skip(&message, end, " is not started");
	return skip(&message, end, ": ");
}

/* The time and the host's name stand before the tag, as that syslog writes them. */
static char *copy_time(const char *line, const char *tag)
{
	const char *blank = memrchr(line, ' ', (size_t)(tag - line));

	return copy_value(line, (size_t)((blank ? blank : tag) - line));
}

static bool take_syslog(const char *text, size_t length, const char *guest, struct log_lines *lines)
{
	const char *tag, *message = find_message(text, length, &tag);
	struct log_line line = {0};

	if (!message || (guest && !is_about(message, text + length, guest)))
		return false;
	line.time = copy_time(text, tag);
	line.guest = xstrdup(guest);
	line.message = copy_value(message, (size_t)(text + length - message));
	add_line(lines, &line);
	return true;
}

static void turn_round(struct log_line *items, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct log_line line = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = line;
	}
}

void log_lines_parse_syslog(const char *data, size_t length, const char *guest, size_t limit,
			    struct log_lines *lines)
{
	size_t before = lines->count, taken = 0;

	/* From the end, as such files are long. */
	while (length > 0 && taken < limit) {
		size_t end = data[length - 1] == '\n' ? length - 1 : length;
		const char *newline = end ? memrchr(data, '\n', end) : NULL;
		size_t begin = newline ? (size_t)(newline + 1 - data) : 0;

		taken += take_syslog(data + begin, end - begin, guest, lines);
		length = begin;
	}
	if (taken > 1)
		turn_round(lines->items + before, taken);
}
