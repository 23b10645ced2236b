// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which ids vfio-pci is told by modprobe.d and by the kernel's command line: modprobe.d(5) with its
 * folders, of which the first one hides files of the same name in the others.
 */
#include "parsers/boot-modprobe.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/cell.h"

#define BLANKS " \t\r"
#define DRIVER "vfio-pci"

void boot_add_rival(struct boot *boot, const char *file, char *what)
{
	boot->rivals = array_grow(boot->rivals, boot->rival_count, sizeof(*boot->rivals));
	boot->rivals[boot->rival_count++] =
		(struct boot_rival){.file = xstrdup(file), .what = what};
}

static void add_ids(struct boot *boot, const char *file, const char *ids)
{
	boot->ids = array_grow(boot->ids, boot->ids_count, sizeof(*boot->ids));
	boot->ids[boot->ids_count++] =
		(struct boot_ids){.file = xstrdup(file), .ids = text_escape(ids)};
}

/*
 * The next parameter as the kernel takes words apart: blanks within double quotes are none, and the
 * quotes go. Heap, NULL at the end.
 */
static char *next_parameter(const char **at)
{
	auto_text struct text word = TEXT_INIT;
	bool quoted = false;

	*at += strspn(*at, BLANKS "\n");
	if (!**at)
		return NULL;
	text_append(&word, "", 0);
	for (; **at && (quoted || !strchr(BLANKS "\n", **at)); (*at)++) {
		if (**at == '"')
			quoted = !quoted;
		else
			text_append(&word, *at, 1);
	}
	return steal(&word.data);
}

static void take_options(const char *at, const char *file, struct boot *boot)
{
	char *word;

	while ((word = next_parameter(&at))) {
		if (text_starts(word, "ids="))
			add_ids(boot, file, word + strlen("ids="));
		free(word);
	}
}

/* Cuts the next word off. */
static char *cut_word(char **at)
{
	char *word = *at + strspn(*at, BLANKS);

	*at = word + strcspn(word, BLANKS);
	if (**at)
		*(*at)++ = '\0';
	return word;
}

/* A command in place of a module: of vfio-pci, or one that speaks of VFIO. */
static void take_install(const char *module, const char *command, const char *file,
			 struct boot *boot)
{
	auto_free char *shown = NULL;

	command += strspn(command, BLANKS);
	if (!module_name_equal(module, DRIVER) && !strstr(command, "vfio"))
		return;
	shown = text_escape(command);
	boot_add_rival(
		boot, file,
		xasprintf("modprobe runs a command in place of %.64s: %.200s", module, shown));
}

static void take_line(char *line, const char *file, struct boot *boot)
{
	const char *command = cut_word(&line), *module;

	if (*command == '#')
		return;
	module = cut_word(&line);
	if (strcmp(command, "options") == 0 && module_name_equal(module, DRIVER))
		take_options(line, file, boot);
	else if (strcmp(command, "install") == 0 && module_name_valid(module))
		take_install(module, line, file, boot);
}

/* A line that ends in a backslash goes on in the next one. */
static void join_lines(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (from[0] == '\\' && from[1] == '\n')
			from += 2;
		else
			*to++ = *from++;
	}
	*to = '\0';
}

void modprobe_parse(char *text, const char *file, struct boot *boot)
{
	char *line;

	join_lines(text);
	while ((line = strsep(&text, "\n")))
		take_line(line, file, boot);
}

void cmdline_parse_ids(const char *cmdline, struct boot *boot)
{
	char *word;

	while ((word = next_parameter(&cmdline))) {
		char *dot = strchr(word, '.');

		if (dot && text_starts(dot + 1, "ids=")) {
			*dot = '\0';
			if (module_name_equal(word, DRIVER))
				add_ids(boot, "/proc/cmdline", dot + 1 + strlen("ids="));
			else if (module_name_equal(word, "pci-stub"))
				boot_add_rival(boot, "/proc/cmdline",
					       xasprintf("pci-stub takes %.200s",
							 dot + 1 + strlen("ids=")));
		}
		free(word);
	}
}

/* --- the folders --- */

/* In their order; /lib is a folder of its own where /usr is not merged. */
static const char *const folders[] = {"/etc/modprobe.d", "/run/modprobe.d",
				      "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
				      "/lib/modprobe.d"};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

struct files {
	char **paths[FOLDERS]; /* names in each folder */
	char **names;          /* all of them, none twice, sorted */
	size_t count;
};

static void files_done(struct files *files)
{
	for (size_t i = 0; i < FOLDERS; i++)
		host_free_names(&files->paths[i]);
	host_free_names(&files->names);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_name(char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void list_files(struct boot_source *source, struct files *files)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		files->paths[i] = boot_source_list(source, "%s", folders[i]);
		for (size_t j = 0; files->paths[i][j]; j++)
			if (name_ends(files->paths[i][j], ".conf") &&
			    !has_name(files->names, files->paths[i][j]))
				strings_add(&files->names, &files->count,
					    xstrdup(files->paths[i][j]));
	}
	if (files->count > 0)
		qsort(files->names, files->count, sizeof(*files->names), compare_names);
}

/* The first folder that has the name counts, even if what it has there is no file. */
static void read_file(struct boot_source *source, const struct files *files, const char *name,
		      struct boot *boot)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		auto_free char *path = NULL, *text = NULL;

		if (!has_name(files->paths[i], name))
			continue;
		path = xasprintf("%s/%s", folders[i], name);
		text = boot_source_read(source, "%s", path);
		if (text)
			modprobe_parse(text, path, boot);
		return;
	}
}

void boot_modprobe_read(struct boot_source *source, struct boot *boot)
{
	cleanup(files_done) struct files files = {0};

	list_files(source, &files);
	for (size_t i = 0; i < files.count; i++)
		read_file(source, &files, files.names[i], boot);
	cmdline_parse_ids(boot->cmdline, boot);
}
