// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where in a configuration file a setting has its place, so that a program can write it and all
 * that a human has written stays.
 */
#include "parsers/config/config-edit.h"

#include <string.h>

#include "base/cleanup.h"

enum line_kind { LINE_BLANK, LINE_COMMENT, LINE_SECTION, LINE_SETTING };

struct config_line {
	enum line_kind kind;
	const char *at;   /* its beginning */
	const char *next; /* behind its newline, or the end of the text */
	size_t length;    /* without newline */
	const char *word; /* the first that is no blank */
};

/* Where things are, for one key of one section. */
struct config_search {
	const struct pci_addr *addr;
	const char *key;
	bool here; /* the lines at hand are of the section */
	struct config_line found;
	const char *place;         /* where the key may come, if it is not there; NULL: none yet */
	const char *comments;      /* where the comments right above this line begin; NULL: none */
	const char *first_section; /* its line, or the comments right above it; NULL: none */
};

static size_t blanks(const char *text)
{
	return strspn(text, " \t");
}

/* False at the end of the text. */
static bool config_line_read(const char *at, struct config_line *ret)
{
	size_t length = strcspn(at, "\n");
	char first;

	if (!*at)
		return false;
	*ret = (struct config_line){.at = at, .length = length, .word = at + blanks(at)};
	ret->next = at + length + (at[length] == '\n');
	first = *ret->word;
	ret->kind = first == '\n' || !first ? LINE_BLANK
		    : first == '#'          ? LINE_COMMENT
		    : first == '['          ? LINE_SECTION
					    : LINE_SETTING;
	return true;
}

static bool is_section(const struct config_line *line, const struct pci_addr *addr)
{
	auto_free char *name =
		xasprintf("%.*s", (int)strcspn(line->word + 1, "]\n"), line->word + 1);
	struct pci_addr found;

	return addr && pci_addr_parse_given(name, &found) && pci_addr_equal(&found, addr);
}

static bool is_key(const struct config_line *line, const char *key)
{
	size_t length = strlen(key);

	return strncmp(line->word, key, length) == 0 &&
	       line->word[length + blanks(line->word + length)] == '=';
}

static void config_search_line(struct config_search *search, const struct config_line *line)
{
	if (line->kind == LINE_COMMENT && !search->comments)
		search->comments = line->at;
	if (line->kind == LINE_SECTION) {
		if (!search->first_section)
			search->first_section = search->comments ? search->comments : line->at;
		search->here = is_section(line, search->addr);
	}
	if (line->kind != LINE_COMMENT)
		search->comments = NULL;
	if (!search->here)
		return;
	if (line->kind == LINE_SECTION || line->kind == LINE_SETTING)
		search->place = line->next;
	if (line->kind == LINE_SETTING && is_key(line, search->key))
		search->found = *line;
}

/* The line with another value: what is before and behind that, a comment too, stays. */
static void put_value(const struct config_line *line, const char *value, struct text *out)
{
	const char *from = memchr(line->at, '=', line->length), *end;

	from += 1 + blanks(from + 1);
	end = from + strcspn(from, "#\n");
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	text_append(out, line->at, (size_t)(from - line->at));
	text_printf(out, "%s%.*s\n", value, (int)(line->at + line->length - end), end);
}

static void end_line(struct text *out)
{
	if (out->length > 0 && out->data[out->length - 1] != '\n')
		text_append(out, "\n", 1);
}

static void put_new(const struct config_search *search, const char *text, const char *value,
		    struct text *out)
{
	const char *place = search->place;

	/* Before any section is what holds for all. */
	if (!place && !search->addr)
		place = search->first_section;
	if (!place)
		place = text + strlen(text);
	text_append(out, text, (size_t)(place - text));
	end_line(out);
	if (search->addr && !search->place)
		text_printf(out, "%s[%s]\n", out->length > 0 ? "\n" : "", ADDR(search->addr));
	text_printf(out, "%s = %s\n", search->key, value);
	if (!search->addr && search->first_section && place == search->first_section)
		text_append(out, "\n", 1);
	text_append(out, place, strlen(place));
}

bool config_edit(const char *text, const struct pci_addr *addr, const char *key, const char *value,
		 struct text *out)
{
	struct config_search search = {.addr = addr, .key = key, .here = !addr};
	struct config_line line = {.next = text};

	while (config_line_read(line.next, &line))
		config_search_line(&search, &line);
	text_append(out, "", 0);
	if (search.found.at) {
		text_append(out, text, (size_t)(search.found.at - text));
		if (value)
			put_value(&search.found, value, out);
		text_append(out, search.found.next, strlen(search.found.next));
	} else if (value) {
		put_new(&search, text, value, out);
	} else {
		text_append(out, text, strlen(text));
	}
	return search.found.at;
}
