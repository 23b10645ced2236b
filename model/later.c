// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What words of a later version look like.
 */
#include "model/later.h"

#include <stdbool.h>
#include <stddef.h>

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
