// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The limits by name: as keys of the policy, and as one line of a journal.
 */
#include "model/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Longer than that, and nobody would believe that the start is still alive. */
#define SECONDS_MAX 900

static const struct {
	const char *key;
	size_t offset;
} rows[] = {
	{"unbind-time", offsetof(struct limits, unbind_ms)},
	{"bind-time", offsetof(struct limits, bind_ms)},
	{"reset-time", offsetof(struct limits, reset_ms)},
	{"release-time", offsetof(struct limits, release_ms)},
	{"script-time", offsetof(struct limits, script_ms)},
	{"total-time", offsetof(struct limits, total_ms)},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static unsigned int *field(struct limits *limits, size_t row)
{
	return (unsigned int *)(void *)((char *)limits + rows[row].offset);
}

const char *limits_key(size_t index)
{
	return index < ROWS ? rows[index].key : NULL;
}

/* 1 to SECONDS_MAX, spelled as we would, or with zeros in front where an admin may write them. */
static bool parse_seconds(const char *text, size_t length, bool exact, unsigned int *ret_ms)
{
	unsigned int seconds = 0;

	if (length == 0 || length > 3 || (exact && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		seconds = seconds * 10 + (unsigned int)(text[i] - '0');
	}
	if (seconds < 1 || seconds > SECONDS_MAX)
		return false;
	*ret_ms = seconds * 1000;
	return true;
}

int limits_set(struct limits *limits, const char *key, const char *value)
{
	for (size_t row = 0; row < ROWS; row++)
		if (strcmp(rows[row].key, key) == 0)
			return parse_seconds(value, strlen(value), false, field(limits, row))
				       ? 0
				       : -EINVAL;
	return -ENOENT;
}

void limits_format(const struct limits *limits, struct text *out)
{
	struct limits copy = *limits;

	for (size_t row = 0; row < ROWS; row++)
		text_printf(out, "%s%s=%u", row ? " " : "", rows[row].key,
			    *field(&copy, row) / 1000);
}

/* One word; one that has a key of a later version is passed over. */
static bool parse_word(const char *word, size_t length, struct limits *limits)
{
	const char *equals = memchr(word, '=', length);
	size_t key = equals ? (size_t)(equals - word) : 0;

	if (key == 0)
		return false;
	for (size_t row = 0; row < ROWS; row++)
		if (strlen(rows[row].key) == key && memcmp(rows[row].key, word, key) == 0)
			return parse_seconds(equals + 1, length - key - 1, true,
					     field(limits, row));
	return true;
}

bool limits_parse(const char *text, size_t length, struct limits *ret)
{
	const char *end = text + length;
	struct limits limits = LIMITS_INIT;

	for (;;) {
		const char *blank = memchr(text, ' ', (size_t)(end - text));

		if (!blank)
			blank = end;
		if (!parse_word(text, (size_t)(blank - text), &limits))
			return false;
		if (blank == end)
			break;
		text = blank + 1;
	}
	*ret = limits;
	return true;
}
