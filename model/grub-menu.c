// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a grub.cfg is ours, and whether all else is as it would be without us. grub-mkconfig puts
 * the name of each script before and behind what it has printed.
 */
#include "model/grub-menu.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/grub-default.h"

#define SCRIPT_BEGIN "### BEGIN /etc/grub.d/"
#define SCRIPT_END "### END /etc/grub.d/"
#define HEADER_END "### END /etc/grub.d/00_header ###"

/* The next line of *at without its newline; heap, NULL at the end. */
static char *next_line(const char **at)
{
	const char *newline = strchrnul(*at, '\n');
	char *line;

	if (!**at)
		return NULL;
	line = xasprintf("%.*s", (int)(newline - *at), *at);
	*at = *newline ? newline + 1 : newline;
	return line;
}

static const char *first_word(const char *line)
{
	return line + strspn(line, " \t");
}

static bool has_command(const char *line, const char *const *names, size_t count)
{
	const char *word = first_word(line);

	return text_find(names, count, word, strcspn(word, " \t")) >= 0;
}

static bool is_linux(const char *line)
{
	static const char *const names[] = {"linux", "linux16", "linuxefi"};

	return has_command(line, names, sizeof(names) / sizeof(*names));
}

/* Below Xen the kernel is a module of the hypervisor's, and gets the words of the usual entries. */
static bool has_cmdline(const char *line)
{
	static const char *const names[] = {"module", "module2"};

	return is_linux(line) || has_command(line, names, sizeof(names) / sizeof(*names));
}

/* Do the words stand in the line, with blanks or its ends around them? */
static char *find_words(char *line, const char *words)
{
	size_t length = strlen(words);

	for (char *at = line; *words && (at = strstr(at, words)); at++)
		if (at > line && at[-1] == ' ' && (!at[length] || strchr(" \t", at[length])))
			return at;
	return NULL;
}

static bool begins_ours(const char *line)
{
	return text_starts(line, SCRIPT_BEGIN) && grub_script_is_ours(line + strlen(SCRIPT_BEGIN));
}

static bool ends_ours(const char *line)
{
	return text_starts(line, SCRIPT_END) && grub_script_is_ours(line + strlen(SCRIPT_END));
}

static void take_out_words(char *line, const char *words)
{
	char *at = has_cmdline(line) ? find_words(line, words) : NULL;

	if (at)
		memmove(at - 1, at + strlen(words), strlen(at + strlen(words)) + 1);
}

/* 10_linux writes blanks around each variable, and an empty one leaves them side by side. */
static void squeeze(char *line)
{
	char *to = line;

	for (const char *from = line; *from; from++)
		if (*from != ' ' || (from[1] != ' ' && from[1]))
			*to++ = *from;
	*to = '\0';
}

/*
 * The next line that is not ours, our words taken out; heap, NULL at the end. Empty lines are
 * passed over: grub-mkconfig writes one before each script, so that one of them is ours.
 */
static char *next_foreign(const char **at, const char *words)
{
	char *line;

	while ((line = next_line(at))) {
		if (*line && !begins_ours(line)) {
			take_out_words(line, words);
			if (has_cmdline(line))
				squeeze(line);
			return line;
		}
		if (!*line) {
			free(line);
			continue;
		}
		while (line && !ends_ours(line)) {
			free(line);
			line = next_line(at);
		}
		free(line);
	}
	return NULL;
}

/* The header sets the default entry, which a set-up may change. */
static void skip_header(const char **at)
{
	const char *end = strstr(*at, HEADER_END);

	if (end)
		*at = end;
}

static int compare_foreign(const char *before, const char *past_words, const char *after,
			   const char *words, struct error *err)
{
	skip_header(&before);
	skip_header(&after);
	for (;;) {
		auto_free char *one = next_foreign(&before, past_words);
		auto_free char *other = next_foreign(&after, words);

		if (!one && !other)
			return 0;
		if (!one || !other || strcmp(one, other) != 0) {
			auto_free char *shown = text_escape(first_word(other ? other : one));

			return error_set(err, EINVAL,
					 "what others have in the boot menu would change at "
					 "\"%.120s\"",
					 shown);
		}
	}
}

/* --- our own --- */

/* Behind "submenu ... 'ID'", up to its end: how many entries it has, and whether each is right. */
static int check_entries(const char *at, const struct setup_choice *choice, struct error *err)
{
	auto_free char *ident = xasprintf("'%s-", choice->id);
	auto_free char *line = NULL;
	size_t entries = 0, kernels = 0;

	while ((line = next_line(&at)) && line[0] != '}' && !ends_ours(line)) {
		if (text_starts(first_word(line), "menuentry ") && strstr(line, ident))
			entries++;
		if (is_linux(line)) {
			kernels++;
			if (!find_words(line, choice->words))
				return error_set(err, EINVAL, "an entry of %s lacks its words",
						 choice->id);
			if (!strstr(line, " root="))
				return error_set(err, EINVAL,
						 "an entry of %s has no root=", choice->id);
		}
		free(steal(&line));
	}
	if (entries == 0 || kernels != entries)
		return error_set(err, EINVAL, "%s has %zu entries and %zu kernels in the boot menu",
				 choice->id, entries, kernels);
	return 0;
}

static int check_choice(const char *menu, const struct setup_choice *choice, struct error *err)
{
	auto_free char *ident = xasprintf("'%s'", choice->id);
	auto_free char *line = NULL;
	const char *at = menu;

	while ((line = next_line(&at))) {
		if (text_starts(line, "submenu ") && strstr(line, ident))
			return check_entries(at, choice, err);
		free(steal(&line));
	}
	return error_set(err, EINVAL, "%s is not in the boot menu", choice->id);
}

static int check_choices(const struct text *menu, const struct setup *setup, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < setup->choice_count; i++)
		if (text_starts(setup->choices[i].id, "hostdev-"))
			result = check_choice(text_string(menu), &setup->choices[i], err);
	return result;
}

static int check_usual_words(const char *menu, const char *words, struct error *err)
{
	auto_free char *line = NULL;

	while (*words && (line = next_line(&menu))) {
		if (is_linux(line) && find_words(line, words))
			return 0;
		free(steal(&line));
	}
	return *words ? error_set(err, EINVAL, "no entry of the boot menu has \"%.200s\"", words)
		      : 0;
}

int grub_menu_has_setup(const struct text *menu, const struct setup *setup, struct error *err)
{
	int result = check_choices(menu, setup, err);

	return result < 0 ? result
			  : check_usual_words(text_string(menu), setup_usual_words(setup), err);
}

int grub_menu_compare(const struct text *before, const struct setup *past, const struct text *after,
		      const struct setup *setup, struct error *err)
{
	int result = grub_menu_has_setup(after, setup, err);

	if (result < 0)
		return result;
	return compare_foreign(text_string(before), setup_usual_words(past), text_string(after),
			       setup_usual_words(setup), err);
}

bool grub_menu_starts(const struct text *menu, const char *image)
{
	const char *at = text_string(menu), *slash = strrchr(image, '/');
	const char *name = slash ? slash : image;
	auto_free char *line = NULL;

	while ((line = next_foreign(&at, ""))) {
		const char *there = is_linux(line) ? strstr(line, name) : NULL;

		/* On ZFS it stands in quotes. */
		if (there && strchr(" \t\"'", there[strlen(name)]))
			return true;
		free(steal(&line));
	}
	return false;
}

/* "menuentry 'Debian GNU/Linux' --class ... {", or that of a submenu. */
static bool is_entry(const char *line)
{
	const char *word = first_word(line);

	return text_starts(word, "menuentry ") || text_starts(word, "submenu ");
}

static bool has_entry(const struct text *menu, const char *entry)
{
	const char *at = text_string(menu);
	auto_free char *line = NULL;

	while ((line = next_foreign(&at, ""))) {
		if (is_entry(line) && strcmp(first_word(line), first_word(entry)) == 0)
			return true;
		free(steal(&line));
	}
	return false;
}

int grub_menu_keeps(const struct text *there, const struct text *made, struct error *err)
{
	const char *at = text_string(there);
	auto_free char *line = NULL;

	while ((line = next_foreign(&at, ""))) {
		if (is_entry(line) && !has_entry(made, line)) {
			auto_free char *shown = text_escape(first_word(line));

			return error_set(err, EINVAL,
					 "the boot menu has an entry that grub-mkconfig does not "
					 "make, and that would be lost (%.160s): write it into "
					 "/etc/grub.d/40_custom, or write the menu anew "
					 "(grub-mkconfig) if it is only old",
					 shown);
		}
		free(steal(&line));
	}
	return 0;
}
