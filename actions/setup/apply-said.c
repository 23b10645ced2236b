// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which line of a program's output says why it has failed.
 */
#include "actions/setup/apply-said.h"

#include <string.h>

#include "base/cleanup.h"

static void add_line(struct error *err, const char *from, size_t length)
{
	auto_free char *line = xasprintf("%.*s", (int)length, from);
	auto_free char *escaped = text_escape(line);
	struct error inner = *err;

	error_set(err, inner.code, "%.300s: %.180s", inner.text, escaped);
}

int apply_said_first(int result, const struct text *said, struct error *err)
{
	size_t length = said->data ? strcspn(said->data, "\n") : 0;

	if (result < 0 && err && length > 0)
		add_line(err, said->data, length);
	return result;
}

int apply_said_last(int result, const struct text *said, struct error *err)
{
	size_t end = said->length, start;

	while (end > 0 && strchr(" \n\r\t", said->data[end - 1]))
		end--;
	for (start = end; start > 0 && said->data[start - 1] != '\n';)
		start--;
	if (result < 0 && err && end > start)
		add_line(err, said->data + start, end - start);
	return result;
}
