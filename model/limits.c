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

bool limits_parse(const char *text, size_t length, struct limits *ret)
{
	const char *end = text + length;
	struct limits limits;

	for (size_t row = 0; row < ROWS; row++) {
		size_t key = strlen(rows[row].key);
		const char *value, *blank;

		if ((size_t)(end - text) <= key || memcmp(text, rows[row].key, key) != 0 ||
		    text[key] != '=')
			return false;
		value = text + key + 1;
		blank = memchr(value, ' ', (size_t)(end - value));
		if (!blank)
			blank = end;
		if ((blank == end) != (row == ROWS - 1) ||
		    !parse_seconds(value, (size_t)(blank - value), true, field(&limits, row)))
			return false;
		text = blank < end ? blank + 1 : end;
	}
	*ret = limits;
	return true;
}
