// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a test says what differs: the lines, not two screens of text to be compared by eye.
 */
#include "tests/host/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

struct lines {
	char *copy, **line;
	size_t count;
};

static struct lines split(const char *text)
{
	struct lines lines = {.copy = xstrdup(text)};
	char *rest = lines.copy, *next;

	while ((next = strsep(&rest, "\n")))
		array_push(lines.line, lines.count, next);
	return lines;
}

static void lines_done(struct lines *lines)
{
	free(lines->copy);
	free(lines->line);
}

/* table[i][j]: length of the longest common sequence of a from i on and b from j on. */
static unsigned int *common_table(const struct lines *a, const struct lines *b)
{
	size_t width = b->count + 1;
	unsigned int *table = xcalloc((a->count + 1) * width, sizeof(*table));

	for (size_t i = a->count; i-- > 0;) {
		for (size_t j = b->count; j-- > 0;) {
			unsigned int down = table[(i + 1) * width + j];
			unsigned int right = table[i * width + j + 1];

			if (strcmp(a->line[i], b->line[j]) == 0)
				table[i * width + j] = table[(i + 1) * width + j + 1] + 1;
			else
				table[i * width + j] = down > right ? down : right;
		}
	}
	return table;
}

static void print_difference(const struct lines *a, const struct lines *b)
{
	auto_free unsigned int *table = common_table(a, b);
	size_t width = b->count + 1, i = 0, j = 0;

	while (i < a->count || j < b->count) {
		if (i < a->count && j < b->count && strcmp(a->line[i], b->line[j]) == 0) {
			i++;
			j++;
		} else if (i < a->count && (j == b->count || table[(i + 1) * width + j] >=
								     table[i * width + j + 1])) {
			print_error("-%s\n", a->line[i++]);
		} else {
			print_error("+%s\n", b->line[j++]);
		}
	}
}

void check_text(const char *found, const char *expected, const char *what, const char *file,
		int line)
{
	struct lines a, b;

	if (text_equal(found, expected))
		return;
	print_error("%s is not what was expected:\n", what);
	a = split(expected ? expected : "(NULL)");
	b = split(found ? found : "(NULL)");
	print_difference(&a, &b);
	lines_done(&a);
	lines_done(&b);
	_fail(file, line);
}

void check_ok(int ret, const char *text, const char *what, const char *file, int line)
{
	if (ret >= 0)
		return;
	print_error("%s: %d: %s\n", what, ret, text);
	_fail(file, line);
}

void check_needs(bool there, const char *what, const char *file, int line)
{
	if (there)
		return;
	print_error("this test needs %s\n", what);
	_fail(file, line);
}

void check_contains(const char *text, const char *part, const char *file, int line)
{
	if (text && strstr(text, part))
		return;
	print_error("\"%s\" does not contain \"%s\"\n", text ? text : "(NULL)", part);
	_fail(file, line);
}
