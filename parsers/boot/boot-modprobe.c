// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which ids vfio-pci is told by modprobe.d(5) and by the kernel's command line, and which commands
 * are run in place of it.
 */
#include "parsers/boot/boot-modprobe.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/cell.h"
#include "parsers/boot/boot-layers.h"

#define BLANKS " \t\r"
#define DRIVER "vfio-pci"

void boot_add_rival(struct boot *boot, const char *file, char *what)
{
	array_push(boot->rivals, boot->rival_count,
		   (struct boot_rival){.file = xstrdup(file), .what = what});
}

static void add_ids(struct boot *boot, const char *file, const char *ids)
{
	array_push(boot->ids, boot->ids_count,
		   (struct boot_ids){.file = xstrdup(file), .ids = text_escape(ids)});
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
	for (; **at && (quoted || !strchr(BLANKS "\n", **at)); (*at)++) {
		if (**at == '"')
			quoted = !quoted;
		else
			text_append(&word, *at, 1);
	}
	return text_steal(&word);
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

static void take_word(char *word, struct boot *boot)
{
	char *dot = strchr(word, '.');
	const char *ids = dot ? dot + 1 + strlen("ids=") : NULL;
	auto_free char *shown = NULL;

	if (!dot || !text_starts(dot + 1, "ids="))
		return;
	*dot = '\0';
	if (module_name_equal(word, DRIVER))
		add_ids(boot, "/proc/cmdline", ids);
	if (!module_name_equal(word, "pci-stub"))
		return;
	shown = text_escape(ids);
	boot_add_rival(boot, "/proc/cmdline", xasprintf("pci-stub takes %.200s", shown));
}

void modprobe_cmdline_ids(const char *cmdline, struct boot *boot)
{
	char *word;

	while ((word = next_parameter(&cmdline))) {
		take_word(word, boot);
		free(word);
	}
}

/* Paths of the files; host_free_names. */
static char **list_files(struct boot_source *source)
{
	/* Where /usr is not merged, /lib is a folder of its own. */
	static const char *const folders[] = {"/etc/modprobe.d", "/run/modprobe.d",
					      "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
					      "/lib/modprobe.d"};

	return layers_list(source, folders, sizeof(folders) / sizeof(folders[0]));
}

void boot_modprobe_read(struct boot_source *source, struct boot *boot)
{
	cleanup(host_free_names) char **paths = list_files(source);

	for (size_t i = 0; paths[i]; i++) {
		auto_free char *text = boot_source_read(source, "%s", paths[i]);

		if (text)
			modprobe_parse(text, paths[i], boot);
	}
	modprobe_cmdline_ids(boot->cmdline, boot);
}

/* --- what is not loaded by itself --- */

struct module_names {
	char **all; /* heap, NULL-terminated */
	size_t count;
};

static void add_blacklist(char *text, struct module_names *names)
{
	char *line;

	join_lines(text);
	while ((line = strsep(&text, "\n")))
		if (strcmp(cut_word(&line), "blacklist") == 0)
			source_strings_add(&names->all, &names->count, xstrdup(cut_word(&line)));
}

/* "modprobe.blacklist=nouveau,radeon", and the kernel's own word. */
static void add_word(char *word, struct module_names *names)
{
	static const char *const keys[] = {"modprobe.blacklist=", "module_blacklist="};
	char *name;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *at = word + strlen(keys[i]);

		if (!text_starts(word, keys[i]))
			continue;
		while ((name = strsep(&at, ",")))
			source_strings_add(&names->all, &names->count, xstrdup(name));
		return;
	}
}

char **modprobe_blacklist(struct boot_source *source, const char *cmdline)
{
	cleanup(host_free_names) char **paths = list_files(source);
	struct module_names names = {.all = xcalloc(1, sizeof(*names.all))};
	char *word;

	for (size_t i = 0; paths[i]; i++) {
		auto_free char *text = boot_source_read(source, "%s", paths[i]);

		if (text)
			add_blacklist(text, &names);
	}
	while ((word = next_parameter(&cmdline))) {
		add_word(word, &names);
		free(word);
	}
	return names.all;
}
