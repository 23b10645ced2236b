// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How GRUB finds the entry that it starts by itself: by a number among those of one level, first to
 * last, or a text; ">" leads into a submenu.
 */
#include "model/grub-default.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define SCRIPT_BEGIN "### BEGIN /etc/grub.d/"
#define BLANKS " \t"

bool grub_script_is_ours(const char *name)
{
	static const char *const ours[] = {GRUB_SCRIPT, GRUB_SCRIPT_LAST};

	return text_find(ours, sizeof(ours) / sizeof(*ours), name, strcspn(name, " ")) >= 0;
}

/* --- lines --- */

static size_t line_length(const char *line)
{
	size_t length = strcspn(line, "\n");

	while (length > 0 && strchr(BLANKS "\r", line[length - 1]))
		length--;
	return length;
}

/* Behind the word and the blanks that follow it; NULL: the line begins with another. */
static const char *behind_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	line += strspn(line, BLANKS);
	if (strncmp(line, word, length) != 0 || !strchr(BLANKS "\n", line[length]))
		return NULL;
	return line + length + strspn(line + length, BLANKS);
}

static bool is_entry(const char *line)
{
	return behind_word(line, "menuentry") || behind_word(line, "submenu");
}

/* How many braces a line opens or closes that lead into another one. */
static int depth_of(const char *line)
{
	size_t length = line_length(line);

	if (length == 0)
		return 0;
	if (line[length - 1] == '{')
		return 1;
	line += strspn(line, BLANKS);
	return *line == '}' ? -1 : 0;
}

/* How many conditions a line begins or ends; one may stand in a single line. */
static int conditions_of(const char *line)
{
	size_t length = line_length(line);

	if (behind_word(line, "fi"))
		return -1;
	return behind_word(line, "if") && strncmp(line + length - 2, "fi", 2) != 0;
}

/* --- entries --- */

/* GRUB takes whatever begins with a digit for a number. */
static bool parse_number(const char **at, unsigned long *ret)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*ret = strtoul(*at, &end, 0);
	*at = end;
	return true;
}

/* The entry's line, among those between *at and the end of their submenu; NULL: it has fewer. */
static const char *find_entry(const char *at, unsigned long number)
{
	int depth = 0;

	for (; *at && depth >= 0; at = text_next_line(at)) {
		if (depth == 0 && is_entry(at) && number-- == 0)
			return at;
		depth += depth_of(at);
	}
	return NULL;
}

/*
 * What the value means: the lines of the entries that its numbers lead to, or itself where it has
 * none. Of a number that is too large GRUB takes the first entry.
 */
static char *meaning_of(const char *menu, const char *value)
{
	auto_text struct text out = TEXT_INIT;
	const char *at = menu, *level = menu;
	unsigned long number;

	while (parse_number(&value, &number)) {
		at = find_entry(level, number);
		at = at ? at : find_entry(level, 0);
		if (!at)
			break;
		text_printf(&out, "%s%.*s", out.length > 0 ? " > " : "",
			    (int)(line_length(at) - strspn(at, BLANKS)), at + strspn(at, BLANKS));
		if (*value != '>')
			return steal(&out.data);
		value++;
		level = text_next_line(at);
	}
	text_printf(&out, "%s%s", out.length > 0 ? " > " : "", value);
	return steal(&out.data);
}

/* --- values --- */

char *grub_environment_value(const char *environment, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = environment; line && *line; line = text_next_line(line))
		if (strncmp(line, name, length) == 0 && line[length] == '=' &&
		    line[length + 1] != '\n')
			return xasprintf("%.*s", (int)strcspn(line + length + 1, "\n"),
					 line + length + 1);
	return NULL;
}

/* The last word counts; the one for a single boot stands in grubenv, and is no default. */
static char *find_set(const char *menu)
{
	static const char key[] = "default=";
	char *found = xstrdup("");
	int depth = 0;

	for (const char *line = menu; *line; line = text_next_line(line)) {
		const char *at = behind_word(line, "set");

		depth += depth_of(line);
		if (depth > 0 || !at || !text_starts(at, key) ||
		    strstr(at, "${next_entry}") == at + strlen(key) + 1)
			continue;
		at += strlen(key);
		at += *at == '"' || *at == '\'';
		free(found);
		found = xasprintf("%.*s", (int)strcspn(at, "\"'\n"), at);
	}
	return found;
}

char *grub_default_value(const char *menu, const char *environment)
{
	auto_free char *value = find_set(menu);
	char *saved;

	if (strcmp(value, "${saved_entry}") != 0)
		return steal(&value);
	saved = grub_environment_value(environment, "prev_saved_entry");
	if (!saved)
		saved = grub_environment_value(environment, "saved_entry");
	/* GRUB starts the first one where nothing was saved. */
	return saved ? saved : xstrdup("0");
}

#define INSTEAD "# Instead of GRUB_DEFAULT="

void grub_default_instead(const char *chosen, struct text *out)
{
	text_printf(out, INSTEAD "%s\n", chosen ? chosen : "");
}

bool grub_default_is_overruled(const char *file, const char *chosen)
{
	for (const char *line = file; line && *line; line = text_next_line(line)) {
		size_t length = strcspn(line, "\n"), before = strlen(INSTEAD);

		if (text_starts(line, INSTEAD))
			return length - before != strlen(chosen ? chosen : "") ||
			       strncmp(line + before, chosen ? chosen : "", length - before) != 0;
	}
	return false;
}

bool grub_default_is_behind(const char *menu, const char *value)
{
	unsigned long number, before = 0;
	int depth = 0, conditions = 0;

	if (!parse_number(&value, &number))
		return false;
	for (const char *line = menu; *line; line = text_next_line(line)) {
		if (text_starts(line, SCRIPT_BEGIN)) {
			if (strncmp(line + strlen(SCRIPT_BEGIN), GRUB_SCRIPT,
				    strlen(GRUB_SCRIPT)) >= 0)
				break;
			depth = conditions = 0;
		}
		/* Whether one that stands under a condition counts is known when it is shown. */
		if (depth == 0 && conditions == 0 && is_entry(line))
			before++;
		if (depth == 0)
			conditions += conditions_of(line);
		depth += depth_of(line);
	}
	/* The first is always the host's own, also where GRUB lists them without a line for each.
	 */
	return number > 0 && number >= before;
}

bool grub_menu_has_ours(const char *menu, bool *ret_last)
{
	bool ours = false;

	for (const char *line = menu; *line; line = text_next_line(line)) {
		if (text_starts(line, SCRIPT_BEGIN)) {
			ours = grub_script_is_ours(line + strlen(SCRIPT_BEGIN));
			*ret_last = text_starts(line + strlen(SCRIPT_BEGIN), GRUB_SCRIPT_LAST);
		}
		if (ours && is_entry(line))
			return true;
	}
	*ret_last = false;
	return false;
}

/* --- before and after --- */

static int compare_value(const char *before, const char *old, const char *after, const char *new,
			 struct error *err)
{
	auto_free char *meant = meaning_of(before, old), *means = meaning_of(after, new);
	auto_free char *shown = text_escape(meant), *other = text_escape(means);

	/* Ours are named by their ids; and where one of ours was, what comes in its place is new.
	 */
	if (text_starts(new, "hostdev-") ||
	    (text_starts(old, "hostdev-") && !strstr(means, "'hostdev-")))
		return 0;
	if (strcmp(meant, means) == 0)
		return 0;
	return error_set(err, EINVAL,
			 "GRUB would start \"%.120s\" by itself, and not \"%.120s\" any more: "
			 "\"%.40s\" is a number, in GRUB_DEFAULT or saved by grub-set-default or "
			 "grub-reboot; put the id or the title of the entry there",
			 other, shown, new);
}

int grub_default_compare(const struct text *before, const struct text *after,
			 const char *environment, struct error *err)
{
	const char *one = text_string(before), *other = text_string(after);
	auto_free char *old = grub_default_value(one, environment);
	auto_free char *new = grub_default_value(other, environment);
	auto_free char *next = grub_environment_value(environment, "next_entry");
	int result = compare_value(one, old, other, new, err);

	return result == 0 && next ? compare_value(one, next, other, next, err) : result;
}

/* Of "menuentry 'Linux' --class x {" what people see: "Linux". Heap. */
static char *titles_of(const char *meaning)
{
	auto_text struct text out = TEXT_INIT;

	for (const char *at = meaning, *next; at; at = next ? next + strlen(" > ") : NULL) {
		const char *quote = is_entry(at) ? at + strcspn(at, "'\"") : NULL;
		const char *end = quote && *quote ? strchr(quote + 1, *quote) : NULL;

		/* A title may have what stands between two of them. */
		next = strstr(end ? end : at, " > ");
		at = end ? quote + 1 : at;
		end = end ? end : next ? next : at + strlen(at);
		if (end > at)
			text_printf(&out, "%s%.*s", out.length > 0 ? " > " : "", (int)(end - at),
				    at);
	}
	return text_escape(text_string(&out));
}

static bool moves(const char *before, const char *after, const char *value, const char *when,
		  struct text *out)
{
	bool ours = text_starts(value, "hostdev-");
	auto_free char *meant = meaning_of(before, value);
	/* Of a name that is not there GRUB takes the first entry. */
	auto_free char *means = meaning_of(after, ours ? "0" : value);
	auto_free char *old = titles_of(meant), *new = titles_of(means);
	auto_free char *shown = text_escape(value);

	if (strcmp(meant, means) == 0)
		return false;
	text_printf(
		out,
		"%s GRUB starts \"%s\" by itself, and would have started \"%s\": \"%s\" is %s, ",
		when, new, old, shown, ours ? "gone" : "a number");
	text_printf(out,
		    "in GRUB_DEFAULT or saved by grub-set-default or grub-reboot; put the id or "
		    "the title of the entry there");
	return true;
}

bool grub_default_moves(const struct text *before, const struct text *after,
			const char *environment, struct text *out)
{
	const char *one = text_string(before), *other = text_string(after);
	auto_free char *value = grub_default_value(other, environment);
	auto_free char *next = grub_environment_value(environment, "next_entry");

	return moves(one, other, value, "now", out) ||
	       (next && moves(one, other, next, "at the next start", out));
}
