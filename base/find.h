/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <string.h>

/*
 * Where a word stands in a long text, as memmem() has it, but by one letter of the word (its index)
 * that is rare there: memchr() looks at many bytes at once, and memmem() at each. In the header, as
 * the front door has no library but libc.
 */
static inline const char *find_by_letter(const char *data, size_t length, const char *word,
					 size_t letter)
{
	size_t word_length = strlen(word);
	const char *at = data + letter, *end;

	if (length < word_length)
		return NULL;
	for (end = data + length - (word_length - letter) + 1; at < end; at++) {
		at = (const char *)memchr(at, word[letter], (size_t)(end - at));
		if (!at)
			return NULL;
		if (memcmp(at - letter, word, word_length) == 0)
			return at - letter;
	}
	return NULL;
}
