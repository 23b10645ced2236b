// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings in JSON, for what is not a table. Tests: model/test-answers.c.
 */
#include "hostdevctl/output/json.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Neither a quote nor a backslash is in it; what is no text is spelled as in a log. */
static void add_piece(const char *piece, size_t length, struct text *out)
{
	auto_free char *copy = xasprintf("%.*s", (int)length, piece);
	auto_free char *safe = text_escape(copy);

	for (const char *at = safe; *at; at++)
		text_printf(out, *at == '\\' ? "\\%c" : "%c", *at);
}

static const char *escape_of(char letter)
{
	switch (letter) {
	case '\n':
		return "\\n";
	case '\t':
		return "\\t";
	case '"':
		return "\\\"";
	default:
		return "\\\\";
	}
}

void json_string(const char *string, struct text *out)
{
	text_append(out, "\"", 1);
	while (*string) {
		size_t length = strcspn(string, "\n\t\"\\");

		add_piece(string, length, out);
		string += length;
		if (*string)
			text_append(out, escape_of(*string++), 2);
	}
	text_append(out, "\"", 1);
}

void json_member(const char *name, const char *value, const char *behind, struct text *out)
{
	text_printf(out, "\"%s\": ", name);
	if (value)
		json_string(value, out);
	else
		text_printf(out, "null");
	text_printf(out, "%s", behind);
}

void json_word(const char *name, const char *word, const char *behind, struct text *out)
{
	json_member(name, word && *word ? word : NULL, behind, out);
}
