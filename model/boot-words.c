// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which words on a kernel's command line are read by the boot scripts (generator/shell/binder) as
 * theirs, and where they begin and end in a file that somebody has written.
 * Tests: unit/test-promise.c, unit/test-boot-grub.c.
 */
#include "model/boot-words.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/setup.h"

/* Blanks, and what a shell has around words. */
#define EDGES " \t\r\"'"

static bool counts(const char *word)
{
	if (text_starts(word, WORD_GUEST) || strcmp(word, WORD_OFF) == 0)
		return true;
	return text_starts(word, WORD_OFF "=") && strcmp(word, WORD_OFF "=0") != 0 &&
	       strcmp(word, WORD_OFF "=no") != 0;
}

/* In "NAME=hostdev.off" of a shell, and behind "${NAME:+$NAME }", the word has no blank before it.
 */
static size_t begin_of_word(const char *word, size_t length)
{
	static const char key[] = "hostdev.";
	const char *found = memmem(word, length, key, strlen(key));

	return found && found > word && strchr("=}", found[-1]) ? (size_t)(found - word) : 0;
}

static void each_in_line(const char *line, size_t length,
			 void (*take)(void *data, const char *word), void *data)
{
	for (size_t at = 0; at < length;) {
		size_t word, begin;

		at += strspn(line + at, EDGES);
		if (at >= length)
			break;
		word = strcspn(line + at, EDGES "\n");
		begin = begin_of_word(line + at, word);
		{
			auto_free char *found =
				xasprintf("%.*s", (int)(word - begin), line + at + begin);

			if (counts(found))
				take(data, found);
		}
		at += word;
	}
}

void boot_words_each(const char *text, void (*take)(void *data, const char *word), void *data)
{
	for (const char *line = text; *line; line = text_next_line(line))
		if (line[strspn(line, " \t")] != '#')
			each_in_line(line, strcspn(line, "\n"), take, data);
}
