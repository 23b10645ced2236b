// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What words of a later version look like. Tests: unit/test-journal.c.
 */
#include "model/later.h"

#include <string.h>

static bool is_key_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '-';
}

static bool is_value_letter(char c)
{
	return c > ' ' && c < 0x7f;
}

/* Behind " +key=value", or NULL where that does not stand here. */
static const char *skip_word(const char *at, const char *end)
{
	const char *key, *value;

	if (end - at < 2 || at[0] != ' ' || at[1] != '+')
		return NULL;
	for (at += 2, key = at; at < end && is_key_letter(*at); at++)
		;
	if (at == key || at == end || *at != '=')
		return NULL;
	for (at++, value = at; at < end && is_value_letter(*at); at++)
		;
	return at == value ? NULL : at;
}

const char *later_words_skip(const char *at, const char *end)
{
	const char *behind;

	while ((behind = skip_word(at, end)))
		at = behind;
	return at;
}

bool later_word_find(const char *at, const char *end, const char *key, const char **ret_value,
		     size_t *ret_length)
{
	size_t length = strlen(key);
	const char *behind;

	for (; (behind = skip_word(at, end)); at = behind) {
		const char *word = at + 2;

		if ((size_t)(behind - word) <= length || memcmp(word, key, length) != 0 ||
		    word[length] != '=')
			continue;
		*ret_value = word + length + 1;
		*ret_length = (size_t)(behind - *ret_value);
		return true;
	}
	return false;
}
