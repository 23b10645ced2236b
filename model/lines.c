// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How our lines are taken out of a file that somebody has edited since.
 */
#include "model/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct line {
	const char *data;
	size_t length; /* without its newline */
	bool used;
};

struct lines {
	struct line *items;
	size_t count;
};

static void lines_done(struct lines *lines)
{
	free(lines->items);
}

static void split(const struct text *text, struct lines *ret)
{
	const char *at = text->data, *end = at ? at + text->length : NULL;

	while (at && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct line line = {.data = at, .length = (size_t)((newline ? newline : end) - at)};

		ret->items = array_grow(ret->items, ret->count, sizeof(line));
		ret->items[ret->count++] = line;
		at = newline ? newline + 1 : end;
	}
}

/* Finds an equal line that no earlier call has found. */
static bool use_line(struct lines *lines, const struct line *line)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct line *item = &lines->items[i];

		if (item->used || item->length != line->length ||
		    memcmp(item->data, line->data, line->length) != 0)
			continue;
		item->used = true;
		return true;
	}
	return false;
}

/* Does the text end a word there: a blank, or what a shell has around words? */
static bool is_edge(char c)
{
	return strchr(" \t\n\"'}", c) != NULL;
}

/* The line without the words, which stand there as they were written, and without one blank. */
static void append_without(const char *line, size_t length, const char *words, struct text *out)
{
	const char *at = *words ? memmem(line, length, words, strlen(words)) : NULL;
	const char *end = line + length, *behind = at ? at + strlen(words) : NULL;

	if (!at || (at > line && !is_edge(at[-1])) || (behind < end && !is_edge(*behind))) {
		text_append(out, line, length);
		return;
	}
	if (behind < end && *behind == ' ')
		behind++;
	else if (at > line && at[-1] == ' ')
		at--;
	text_append(out, line, (size_t)(at - line));
	text_append(out, behind, (size_t)(end - behind));
}

void lines_without(const char *text, const char *line, struct text *out)
{
	text_append(out, "", 0);
	for (const char *at = text, *next; *at; at = next) {
		size_t length = strcspn(at, "\n");

		next = at + length + (at[length] == '\n');
		if (!*line || strlen(line) != length || memcmp(at, line, length) != 0)
			text_append(out, at, (size_t)(next - at));
	}
}

void lines_take_out(const struct text *before, const struct text *after, const struct text *now,
		    const char *words, struct text *out)
{
	cleanup(lines_done) struct lines old = {0};
	cleanup(lines_done) struct lines new = {0};
	cleanup(lines_done) struct lines there = {0};
	const char *end = now->data ? now->data + now->length : NULL;

	split(before, &old);
	split(after, &new);
	split(now, &there);
	/* What stays free in "new" is what we have added. */
	for (size_t i = 0; i < old.count; i++)
		use_line(&new, &old.items[i]);
	for (size_t i = 0; i < there.count; i++) {
		const struct line *line = &there.items[i];
		size_t length = line->length + (line->data + line->length < end);

		if (use_line(&new, line))
			continue;
		append_without(line->data, length, use_line(&old, line) ? "" : words, out);
	}
}
