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

		array_push(ret->items, ret->count, line);
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

/* Takes the last that stands there as a whole out of the text, and one blank. */
static bool cut(struct text *text, const char *what, size_t length)
{
	for (size_t at = text->length; at-- > 0;) {
		size_t end = at + length, begin = at;

		if (end > text->length || memcmp(text->data + at, what, length) != 0 ||
		    (at > 0 && !is_edge(text->data[at - 1])) ||
		    (end < text->length && !is_edge(text->data[end])))
			continue;
		if (end < text->length && text->data[end] == ' ')
			end++;
		else if (at > 0 && text->data[at - 1] == ' ')
			begin--;
		memmove(text->data + begin, text->data + end, text->length - end + 1);
		text->length -= end - begin;
		return true;
	}
	return false;
}

void line_without_words(const char *line, size_t length, const char *words, struct text *out)
{
	auto_text struct text left = TEXT_INIT;
	size_t word = strcspn(words, " ");

	text_append(&left, line, length);
	if (*words && !cut(&left, words, strlen(words)) && cut(&left, words, word))
		while (*(words += word) && *(words += strspn(words, " "))) {
			word = strcspn(words, " ");
			cut(&left, words, word);
		}
	text_append(out, left.data, left.length);
}

void lines_without(const char *text, const char *line, const char *words, struct text *out)
{
	text_append(out, "", 0);
	for (const char *at = text, *next; *at; at = next) {
		size_t length = strcspn(at, "\n");

		next = text_next_line(at);
		if (!*line || strlen(line) != length || memcmp(at, line, length) != 0)
			line_without_words(at, (size_t)(next - at), words, out);
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
		line_without_words(line->data, length, use_line(&old, line) ? "" : words, out);
	}
}
