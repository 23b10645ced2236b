// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which word somebody meant who mistyped it: the distance of Damerau and Levenshtein, in which a
 * swap of two neighbours is one mistake.
 */
#include "model/suggest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define WORD_MAX 48
/* What is shorter is the beginning of too many words. */
#define BEGINNING_MIN 2

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Of ASCII only: all our words are. */
static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

/* Three rows of the table are enough: a swap looks two rows back. */
static unsigned int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		last[j] = (unsigned int)j;
	memset(before, 0, sizeof(rows[0]));
	for (size_t i = 1; i <= a_length; i++) {
		unsigned int *spent = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_length; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = spent;
	}
	return last[b_length];
}

static const char *nearest(const char *word, size_t length, const char *const *known, size_t count)
{
	unsigned int best = (unsigned int)(length < 3 ? 1 : length / 3) + 1;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t other = known[i] ? strlen(known[i]) : 0;
		unsigned int mistakes;

		if (other == 0 || other > WORD_MAX)
			continue;
		mistakes = distance(word, length, known[i], other);
		/* All letters changed is another word. */
		if (mistakes < best && mistakes < other) {
			best = mistakes;
			found = known[i];
		}
	}
	return found;
}

static const char *only_one_that_begins(const char *word, size_t length, const char *const *known,
					size_t count)
{
	const char *found = NULL;

	if (length < BEGINNING_MIN)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!known[i] || strncasecmp(known[i], word, length) != 0)
			continue;
		if (found)
			return NULL;
		found = known[i];
	}
	return found;
}

const char *suggest(const char *word, const char *const *known, size_t count)
{
	size_t length = strlen(word);
	const char *found;

	if (length == 0 || length > WORD_MAX)
		return NULL;
	found = nearest(word, length, known, count);
	return found ? found : only_one_that_begins(word, length, known, count);
}

char *suggest_text(const char *word, const char *const *known, size_t count)
{
	const char *meant = suggest(word, known, count);

	return meant ? xasprintf("; did you mean %s?", meant) : xstrdup("");
}
