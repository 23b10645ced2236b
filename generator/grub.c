// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB whose menu grub-mkconfig writes: words for the usual entries in a file of
 * /etc/default/grub.d (or, where its mkconfig reads no such files, in one line at the end of
 * /etc/default/grub), and entries of our own in a script that derives them from 10_linux's.
 * Tests: model/test-apply.c, unit/test-multiboot.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "generator/menu.h"
#include "generator/shell.h"
#include "generator/words.h"
#include "model/grub-default.h"
#include "model/lines.h"

/* It sorts behind what assigns to the variable anew (50-cloudimg-settings.cfg). */
#define DROP_IN "/etc/default/grub.d/zz-hostdev-hook.cfg"
#define DEFAULTS "/etc/default/grub"
#define SCRIPT "/etc/grub.d/" GRUB_SCRIPT
#define SCRIPT_LAST "/etc/grub.d/" GRUB_SCRIPT_LAST
#define MARK " # hostdev-hook"

/*
 * Of the usual variables the one that recovery entries leave out, so that these stay free of it.
 * The words hold nothing that a shell would take for more than text (words_are_safe).
 */
static void add_words_line(const char *words, struct text *out)
{
	text_printf(out,
		    "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+"
		    "$GRUB_CMDLINE_LINUX_DEFAULT }%s\"",
		    words);
}

/* The first entry of the choice's submenu: the newest of its kernels, whichever that will be. */
static void add_default_line(const struct menu_request *request, struct text *out)
{
	text_printf(out, "GRUB_DEFAULT='%s>0'", request->choices[request->default_choice].id);
}

static void add_drop_in(const struct menu_request *request, struct draft *draft)
{
	auto_text struct text text = TEXT_INIT;

	wishes_add_header(request->wishes, &text);
	if (request->words) {
		add_words_line(request->words, &text);
		text_printf(&text, "\n");
	}
	if (request->default_choice >= 0) {
		grub_default_instead(request->facts->boot->grub.chosen, &text);
		add_default_line(request, &text);
		text_printf(&text, "\n");
	}
	draft_add_directory(draft, DRAFT_MENU, "/etc/default/grub.d", "for the next file");
	draft_add_file(draft, DRAFT_MENU, DROP_IN, 0644, text.data,
		       request->words ? "the words of the usual entries"
				      : "the entry to be started");
	draft_add_check(draft, DRAFT_MENU, "shell:" DROP_IN, "its shell can be read");
}

static bool has_mark(const char *line, size_t length)
{
	size_t mark = strlen(MARK);

	return length >= mark && memcmp(line + length - mark, MARK, mark) == 0;
}

/* Marked, but of no set-up that is known. */
static bool is_left_over(const char *line, size_t length)
{
	return text_starts(line, "GRUB_DEFAULT=") ||
	       memmem(line, length, WORD_GUEST, strlen(WORD_GUEST)) ||
	       memmem(line, length, "vfio-pci.ids=", strlen("vfio-pci.ids="));
}

/*
 * What somebody has written into a line of ours is theirs, and so is what is left of that line; the
 * mark is not. A line that has lost the mark is known by the words that reserve devices.
 */
static void copy_line(const char *line, size_t length, const struct setup *past, struct text *out)
{
	bool marked = has_mark(line, length);
	const char *words = marked ? setup_usual_words(past) : setup_reserving_words(past);
	auto_text struct text rest = TEXT_INIT, empty = TEXT_INIT;

	add_words_line("", &empty);
	if (marked)
		length -= strlen(MARK);
	line_without_words(line, length, words, &rest);
	if (strcmp(rest.data, empty.data) != 0 && !(marked && is_left_over(rest.data, rest.length)))
		text_printf(out, "%s\n", rest.data);
}

static void copy_without_ours(const char *text, const struct setup *past, struct text *out)
{
	while (text && *text) {
		size_t length = strcspn(text, "\n");

		copy_line(text, length, past, out);
		text += length + (text[length] == '\n');
	}
}

static void edit_defaults(const struct menu_request *request, struct draft *draft)
{
	auto_text struct text text = TEXT_INIT;

	copy_without_ours(request->facts->boot->grub.defaults, request->facts->past, &text);
	if (request->words) {
		add_words_line(request->words, &text);
		text_printf(&text, MARK "\n");
	}
	if (request->default_choice >= 0) {
		add_default_line(request, &text);
		text_printf(&text, MARK "\n");
	}
	draft_add_file(draft, DRAFT_MENU, DEFAULTS, 0, text.data,
		       "the words of the usual entries, at its end: this host's grub-mkconfig "
		       "reads no other file");
	draft_add_check(draft, DRAFT_MENU, "shell:" DEFAULTS, "its shell can be read");
}

static void add_choices(const struct menu_request *request, struct draft *draft)
{
	menu_add_choices(request, draft);
	draft_add_file(draft, DRAFT_MENU, SCRIPT, 0755, shell_grub_menu,
		       "derives the entries from the usual ones, for new kernels as well");
	draft_add_check(draft, DRAFT_MENU, "shell:" SCRIPT, "its shell can be read");
	if (!request->facts->boot->grub.ours_last)
		return;
	draft_add_file(draft, DRAFT_MENU, SCRIPT_LAST, 0755, shell_grub_menu_last,
		       "the same entries behind all others: a number says which is started by "
		       "itself, and must go on meaning the same one");
	draft_add_check(draft, DRAFT_MENU, "shell:" SCRIPT_LAST, "its shell can be read");
}

/* The command that writes the menu, in the form of a step's target. Heap. */
static char *build_target(const struct boot_grub *grub)
{
	if (grub->update)
		return xasprintf("menu:%s", grub->update);
	return xasprintf("menu:%s,-o,%s", grub->mkconfig, grub->config);
}

static bool can_write(const struct boot_grub *grub, struct draft *draft)
{
	if (!grub->mkconfig || !grub->config) {
		draft_refuse(draft, "GRUB's menu cannot be written: %s is not there",
			     grub->mkconfig ? "/boot/grub/grub.cfg" : "grub-mkconfig");
		return false;
	}
	if (!grub->has_linux)
		draft_refuse(draft,
			     "/etc/grub.d/10_linux is missing or switched off: the entries are "
			     "derived from those that it makes");
	return grub->has_linux;
}

/* GRUB's own documents have it in quotes, and it counts only as "true". */
static bool lacks_recovery(const struct boot_grub *grub)
{
	const char *at = grub->defaults;

	while (at && *at) {
		if (text_starts(at, "GRUB_DISABLE_RECOVERY=true") ||
		    text_starts(at, "GRUB_DISABLE_RECOVERY=\"true\"") ||
		    text_starts(at, "GRUB_DISABLE_RECOVERY='true'"))
			return true;
		at = strchrnul(at, '\n');
		at += *at == '\n';
	}
	return false;
}

/* --- words that others have put onto the usual entries --- */

/* One of ours that was edited is none any more: the menu would change by it. */
static bool is_ours(const struct menu_request *request, const struct boot_word *found)
{
	return text_has_word(setup_usual_words(request->facts->past), found->word,
			     strlen(found->word));
}

/* The menu has what its settings have: these are named, and it only where it has more. */
static bool is_of_settings(const struct boot_grub *grub, const struct boot_word *found)
{
	for (size_t i = 0; i < grub->word_count; i++)
		if (!text_equal(grub->words[i].file, grub->config) &&
		    strcmp(grub->words[i].word, found->word) == 0)
			return true;
	return false;
}

static void look(const struct menu_request *request, struct draft *draft)
{
	const struct boot_grub *grub = &request->facts->boot->grub;

	if (grub->skips_image && request->wishes->mode != GENERATE_DYNAMIC)
		draft_refuse(
			draft,
			"%s first starts kernels without their initramfs images, which reserve "
			"devices: take GRUB_FORCE_PARTUUID out of " DEFAULTS " and " DEFAULTS
			".d, and run %s",
			grub->config ? grub->config : "the boot menu",
			grub->update ? grub->update : "grub-mkconfig");
	for (size_t i = 0; i < grub->word_count; i++) {
		const struct boot_word *found = &grub->words[i];
		bool in_menu = text_equal(found->file, grub->config);

		if (request->wishes->mode == GENERATE_DYNAMIC || is_ours(request, found) ||
		    (in_menu && is_of_settings(grub, found)))
			continue;
		draft_refuse(draft, "%s has \"%s\"%s, %s: take it out%s, and run %s", found->file,
			     found->word, in_menu ? " on the line of a usual entry" : "",
			     words_effect(found->word),
			     in_menu ? " of what the menu is made of (" DEFAULTS ", /etc/grub.d)"
				     : "",
			     grub->update ? grub->update : "grub-mkconfig");
	}
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	const struct boot_grub *grub = &request->facts->boot->grub;
	auto_free char *build = NULL, *base = NULL, *check = NULL;

	if (!can_write(grub, draft))
		return;
	look(request, draft);
	build = build_target(grub);
	base = xasprintf("menu-base:%s,%s", grub->mkconfig, grub->config);
	check = xasprintf("menu:%s,%s", grub->mkconfig, grub->config);
	draft_add_build(draft, DRAFT_MENU, build, "stale",
			"when it is taken back, the menu is written without it");
	draft_add_check(draft, DRAFT_MENU, base,
			"what the menu is without it, and that no entry of it would be lost");
	if ((request->words || request->default_choice >= 0) && grub->drop_ins)
		add_drop_in(request, draft);
	else if (request->words || request->default_choice >= 0)
		edit_defaults(request, draft);
	if (request->choice_count > 0)
		add_choices(request, draft);
	draft_add_check(draft, DRAFT_MENU, check,
			"the menu that would be written: GRUB can read it, it has what was asked "
			"for, and all else in it is as it was");
	draft_add_build(draft, DRAFT_MENU, build, "built", "the menu");
	if (request->words && !lacks_recovery(grub))
		draft_advise(draft, "The recovery entries of the menu do not have it.");
	else if (request->words)
		draft_note(draft, "GRUB_DISABLE_RECOVERY is set in " DEFAULTS ": the menu has no "
				  "recovery entries, which would start without it");
}

const struct loader_adapter adapter_grub = {
	.loader = LOADER_GRUB, .finds_words = true, .plan = plan, .look = look};
