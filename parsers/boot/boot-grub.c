// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What GRUB has on this host: its programs, its settings, and the menu as it was generated last. Of
 * the menu only the entries for this host's own kernels count.
 */
#include "parsers/boot/boot-grub.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/boot-words.h"
#include "model/grub-default.h"
#include "model/promise.h"
#include "parsers/boot/boot-kernel-install.h"

#define BLANKS " \t"

/* Which part of the menu a line is in, by the marks that grub-mkconfig puts around each script. */
static bool section_counts(const char *script)
{
	/* Other systems' kernels, entries written by hand, and those that are made from the rest.
	 */
	static const char *const others[] = {"30_os-prober", "40_custom", "41_custom", GRUB_SCRIPT,
					     GRUB_SCRIPT_LAST};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(script, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}

/* Word after word of a line; false at its end. *at moves behind the word, which is cut off. */
static bool next_word(char **at, char **ret)
{
	*at += strspn(*at, BLANKS);
	if (!**at)
		return false;
	*ret = *at;
	*at += strcspn(*at, BLANKS);
	if (**at)
		*(*at)++ = '\0';
	return true;
}

/* Is it a kernel's file, as the menu names it? Memory tests and boot programs are started alike. */
static bool is_kernel(const char *path)
{
	static const char *const names[] = {"vmlinu", "kernel", "bzImage", "Image", "linux"};
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_starts(name, names[i]))
			return true;
	return false;
}

struct taking {
	struct boot_grub *grub;
	const char *file;
};

static void take_word(void *data, const char *word)
{
	const struct taking *taking = data;
	struct boot_grub *grub = taking->grub;

	for (size_t i = 0; i < grub->word_count; i++)
		if (strcmp(grub->words[i].file, taking->file) == 0 &&
		    strcmp(grub->words[i].word, word) == 0)
			return;
	array_push(grub->words, grub->word_count,
		   (struct boot_word){.file = xstrdup(taking->file), .word = xstrdup(word)});
}

static void take_words(const char *text, const char *file, struct boot_grub *grub)
{
	struct taking taking = {.grub = grub, .file = file};

	boot_words_each(text, take_word, &taking);
}

/* Who starts such an entry wants everything back: what else it says is meant so. */
static bool is_rescue(const char *line)
{
	auto_free char *copy = xstrdup(line);
	char *at = copy, *word;

	while (next_word(&at, &word))
		if (!text_starts(word, WORD_OFF) && promise_is_switched_off(word))
			return true;
	return false;
}

static void take_kernel_line(char *at, bool usual, struct boot_grub *ret)
{
	bool has_root = false;
	char *image, *word;
	size_t length, ours = 0;

	if (!next_word(&at, &image) || !is_kernel(image))
		return;
	at += strspn(at, BLANKS);
	length = strlen(at);
	while (length > 0 && strchr(BLANKS "\r", at[length - 1]))
		length--;
	ret->has_entries = true;
	if (usual && !is_rescue(at))
		take_words(at, ret->config ? ret->config : "", ret);
	while (next_word(&at, &word)) {
		has_root = has_root || text_starts(word, "root=") || text_starts(word, "\"root=");
		if (text_starts(word, "hostdev.guest="))
			ours += strlen(word) + 1;
	}
	if (length > ours + ret->longest_line)
		ret->longest_line = length - ours;
	if (!has_root)
		ret->lacks_root = true;
}

static void take_line(char *line, bool usual, struct boot_grub *ret)
{
	char *word;

	if (!next_word(&line, &word))
		return;
	if (strcmp(word, "blscfg") == 0)
		ret->lists_entries = true;
	else if (strcmp(word, "uki") == 0)
		ret->lists_images = true;
	else if (strcmp(word, "echo") == 0 && strstr(line, "attempting initrdless boot"))
		ret->skips_image = true;
	else if (strcmp(word, "linux") == 0 || strcmp(word, "linux16") == 0 ||
		 strcmp(word, "linuxefi") == 0)
		take_kernel_line(line, usual, ret);
}

void grub_menu_parse(char *text, struct boot_grub *ret)
{
	static const char begin[] = "### BEGIN /etc/grub.d/", end[] = "### END /etc/grub.d/";
	bool counts = true, usual = true;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (text_starts(line, begin)) {
			counts = section_counts(line + strlen(begin));
			usual = text_starts(line + strlen(begin), "10_linux");
		} else if (text_starts(line, end)) {
			counts = usual = true;
		} else if (counts) {
			take_line(line, usual, ret);
		}
	}
}

/* By the folder of the program that makes it, as two releases of GRUB may have left a menu each. */
static char *find_config(struct boot_source *source, const char *mkconfig)
{
	bool newer = mkconfig && text_ends(mkconfig, "grub2-mkconfig");
	const char *const paths[] = {newer ? "/boot/grub2/grub.cfg" : "/boot/grub/grub.cfg",
				     newer ? "/boot/grub/grub.cfg" : "/boot/grub2/grub.cfg"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (boot_source_has_file(source, "%s", paths[i]))
			return xstrdup(paths[i]);
	return NULL;
}

static char *find_either(struct boot_source *source, const char *name, const char *other)
{
	char *path = boot_source_program(source, name);

	return path ? path : boot_source_program(source, other);
}

/*
 * 00_header sets the style and behind it the timeout. Without a style the menu counts the seconds
 * down on the screen; with none to count, GRUB looks for a key in the other styles alone.
 */
void grub_menu_read_shown(const char *text, struct boot_menu *ret)
{
	bool shown = true, styled = false;

	for (const char *line = text; *line; line = text_next_line(line)) {
		const char *at = line + strspn(line, BLANKS);

		if (text_starts(at, "set superusers="))
			ret->asks_password = true;
		if (styled && text_starts(at, "set timeout=")) {
			bool at_once = text_starts(at, "set timeout=0");

			ret->hidden = !shown;
			ret->absent = shown && at_once;
			styled = false;
		}
		if (text_starts(at, "set timeout_style=")) {
			shown = text_starts(at, "set timeout_style=menu");
			styled = true;
		}
	}
}

/*
 * What the header of the menu sets, what GRUB's environment keeps for the next boot, and what the
 * settings say, which an earlier set-up may have put aside.
 */
static void read_default(struct boot_source *source, const char *menu, struct boot_grub *grub)
{
	const char *slash = strrchr(grub->config, '/');
	auto_free char *environment =
		boot_source_read(source, "%.*s/grubenv", (int)(slash - grub->config), grub->config);
	auto_free char *shown = grub_default_value(menu, environment);
	auto_free char *next = grub_environment_value(environment, "next_entry");
	auto_free char *saved = text_equal(grub->chosen, "saved")
					? grub_environment_value(environment, "saved_entry")
					: NULL;
	const char *const values[] = {shown, next, saved ? saved : grub->chosen};

	if (grub_menu_has_ours(menu, &grub->ours_last))
		return;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (values[i] && grub_default_is_behind(menu, values[i]))
			grub->ours_last = true;
}

/* What grub-mkconfig reads one after the other. */
/* Those of the recovery entries, and whatever else there is, are nothing to the usual ones. */
static bool sets_usual_words(const char *line)
{
	static const char *const names[] = {"GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"};

	line += strspn(line, BLANKS);
	if (text_starts(line, "export "))
		line += strlen("export ");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(line, names[i], length) == 0 &&
		    (line[length] == '=' || text_starts(line + length, "+=")))
			return true;
	}
	return false;
}

/* As a shell reads it: behind a blank, and not between quotes. */
static void cut_comment(char *line)
{
	char quote = '\0';

	for (char *at = line; *at; at++) {
		if (quote ? *at == quote : *at == '"' || *at == '\'') {
			quote = quote ? '\0' : *at;
		} else if (*at == '#' && !quote && (at == line || strchr(BLANKS, at[-1]))) {
			*at = '\0';
			return;
		}
	}
}

static void take_settings(const char *text, const char *file, struct boot_grub *grub)
{
	auto_free char *copy = xstrdup(text);
	char *at = copy, *line;
	bool goes_on = false;

	while ((line = strsep(&at, "\n"))) {
		bool counts = goes_on || sets_usual_words(line);

		cut_comment(line);
		if (counts)
			take_words(line, file, grub);
		goes_on = counts && text_ends(line, "\\");
	}
}

static void read_settings(struct boot_source *source, struct boot_grub *grub)
{
	static const char dir[] = "/etc/default/grub.d";
	cleanup(host_free_names) char **names = boot_source_list(source, dir);

	if (grub->defaults)
		take_settings(grub->defaults, "/etc/default/grub", grub);
	for (size_t i = 0; grub->drop_ins && names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", dir, names[i]);
		auto_free char *text =
			text_ends(path, ".cfg") ? boot_source_read(source, "%s", path) : NULL;

		if (text)
			take_settings(text, path, grub);
	}
}

void boot_grub_read(struct boot_source *source, struct boot *boot)
{
	struct boot_grub *grub = &boot->grub;
	auto_free char *program = NULL, *menu = NULL, *set = NULL;

	grub->mkconfig = find_either(source, "grub-mkconfig", "grub2-mkconfig");
	grub->update = boot_source_program(source, "update-grub");
	grub->script_check = find_either(source, "grub-script-check", "grub2-script-check");
	grub->config = find_config(source, grub->mkconfig);
	grub->found = grub->config || grub->mkconfig;
	grub->has_linux = boot_source_has_program(source, "/etc/grub.d/10_linux");
	grub->defaults = boot_source_read(source, "/etc/default/grub");
	if (grub->defaults)
		set = kernel_install_assignment(grub->defaults, "GRUB_DEFAULT");
	if (set)
		grub->chosen = text_escape(set);
	if (grub->mkconfig)
		program = boot_source_read(source, "%s", grub->mkconfig);
	grub->drop_ins = program && strstr(program, "default/grub.d");
	read_settings(source, grub);
	if (grub->config)
		menu = boot_source_read(source, "%s", grub->config);
	if (menu) {
		grub_menu_read_shown(menu, &grub->menu);
		read_default(source, menu, grub);
	}
	if (menu)
		grub_menu_parse(menu, grub);
}
