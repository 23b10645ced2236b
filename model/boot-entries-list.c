// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list of entries as it is written down, and what a kernel gets of one of them.
 * Tests: unit/test-boot-entries.c.
 */
#include "model/boot-entries-list.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define SUFFIX ".conf"

/* "TOKEN-KERNEL", without what counts attempts to boot. Heap. */
static char *base_of(const char *name)
{
	size_t length = strlen(name), counted;

	if (text_ends(name, SUFFIX))
		length -= strlen(SUFFIX);
	counted = length;
	while (counted > 0 &&
	       (isdigit((unsigned char)name[counted - 1]) || name[counted - 1] == '-'))
		counted--;
	if (counted > 0 && counted < length && name[counted - 1] == '+')
		length = counted - 1;
	return xasprintf("%.*s", (int)length, name);
}

void entries_done(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->items[i].name);
		free(entries->items[i].base);
		free(entries->items[i].content);
	}
	free(entries->items);
}

void boot_entries_add(struct text *list, enum entry_kind kind, const char *name,
		      const char *content)
{
	auto_free char *shown = text_escape(name), *escaped = text_escape(content);

	text_printf(list, "%c\t%s\t%s\n", kind, shown, escaped);
}

static bool take_line(const char *line, size_t length, struct entries *entries)
{
	const char *tab = length > 2 ? memchr(line + 2, '\t', length - 2) : NULL;
	struct entry entry = {.kind = (enum entry_kind) * line};

	if (!tab || line[1] != '\t' ||
	    !text_unescape(line + 2, (size_t)(tab - line - 2), &entry.name))
		return false;
	if (!text_unescape(tab + 1, (size_t)(line + length - tab - 1), &entry.content)) {
		free(entry.name);
		return false;
	}
	entry.base = base_of(entry.name);
	array_push(entries->items, entries->count, entry);
	return true;
}

int entries_take(const char *list, struct entries *ret, struct error *err)
{
	for (const char *line = list ? list : ""; *line; line = text_next_line(line))
		if (!take_line(line, strcspn(line, "\n"), ret))
			return error_set(err, EBADMSG, "a list of boot entries is damaged");
	return 0;
}

const struct entry *entries_find(const struct entries *entries, enum entry_kind kind,
				 const char *base)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].kind == kind && strcmp(entries->items[i].base, base) == 0)
			return &entries->items[i];
	return NULL;
}

const struct entry *entries_find_name(const struct entries *entries, const char *name)
{
	for (size_t i = 0; i < entries->count; i++)
		if (strcmp(entries->items[i].name, name) == 0)
			return &entries->items[i];
	return NULL;
}

const struct entry *entries_find_now(const struct entries *now, const struct entry *kept)
{
	const struct entry *entry = entries_find_name(now, kept->name);

	return entry ? entry : entries_find(now, kept->kind, kept->base);
}

/* --- options --- */

void boot_entry_add_options(const char *text, size_t length, const char *const left_out[2],
			    struct text *out)
{
	for (size_t at = 0; at < length;) {
		size_t word;

		at += strspn(text + at, " \t\r");
		word = strcspn(text + at, " \t\r\n");
		if (at + word > length || word == 0)
			break;
		if (!text_starts(text + at, "systemd.machine_id=") &&
		    !(left_out && (text_has_word(left_out[0], text + at, word) ||
				   text_has_word(left_out[1], text + at, word))))
			text_printf(out, "%s%.*s", out->length > 0 ? " " : "", (int)word,
				    text + at);
		at += word;
	}
}

/* Does a line give words to the kernel? Its value, or NULL. */
static const char *entry_line_options(const char *line)
{
	static const char key[] = "options";

	line += strspn(line, " \t");
	if (!text_starts(line, key) || !line[strlen(key)] || !strchr(" \t", line[strlen(key)]))
		return NULL;
	return line + strlen(key);
}

void entry_add_lines(const struct entry *entry, bool of_options, struct text *out)
{
	for (const char *line = entry->content; *line; line = text_next_line(line))
		if ((entry_line_options(line) != NULL) == of_options)
			text_printf(out, "%.*s\n", (int)strcspn(line, "\n"), line);
}

char *entry_options(const struct entry *entry, const char *const left_out[2])
{
	auto_text struct text options = TEXT_INIT;

	for (const char *line = entry->content; *line; line = text_next_line(line)) {
		const char *value = entry_line_options(line);

		if (value)
			boot_entry_add_options(value, strcspn(value, "\n"), left_out, &options);
	}
	return text_steal(&options);
}

char *entry_rest(const struct entry *entry)
{
	auto_text struct text rest = TEXT_INIT;

	entry_add_lines(entry, false, &rest);
	return text_steal(&rest);
}

char *entry_with_options(const struct entry *entry, const struct entry *other)
{
	auto_text struct text out = TEXT_INIT;
	bool has = false;

	for (const char *line = entry->content, *next; *line; line = next) {
		next = text_next_line(line);
		if (!entry_line_options(line)) {
			text_append(&out, line, (size_t)(next - line));
			continue;
		}
		if (!has)
			entry_add_lines(other, true, &out);
		has = true;
	}
	if (!has)
		entry_add_lines(other, true, &out);
	return text_steal(&out);
}
