// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How kernel-install makes up its mind on layout, entry token and boot root, from the same files:
 * kernel-install(8) and the Boot Loader Specification.
 * Tests: unit/test-boot.c, unit/test-boot-facts.c.
 */
#include "parsers/boot/boot-kernel-install.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/boot-entries.h"
#include "parsers/boot/boot-layers.h"

const char *const boot_roots[BOOT_ROOTS] = {"/efi", "/boot", "/boot/efi"};

/* A line of "KEY=VALUE" with another key, or a comment, is skipped. */
static const char *value_in_line(const char *line, size_t length, const char *key)
{
	size_t key_length = strlen(key), blank = 0;

	while (blank < length && (line[blank] == ' ' || line[blank] == '\t'))
		blank++;
	if (length - blank <= key_length || strncmp(line + blank, key, key_length) != 0 ||
	    line[blank + key_length] != '=')
		return NULL;
	return line + blank + key_length + 1;
}

char *kernel_install_assignment(const char *text, const char *key)
{
	char *found = NULL;

	for (const char *line = text, *next; *line; line = next) {
		size_t length = strcspn(line, "\n");
		const char *value = value_in_line(line, length, key), *end = line + length;

		next = *end ? end + 1 : end;
		if (!value)
			continue;
		while (end > value && strchr(" \t\r\"'", end[-1]))
			end--;
		while (value < end && strchr(" \t\"'", *value))
			value++;
		free(found);
		found = xasprintf("%.*s", (int)(end - value), value);
	}
	return found;
}

/* Takes what the file says, in place of what others have said. */
static void take_setting(struct boot_source *source, const char *path, const char *key,
			 char **value)
{
	auto_free char *text = boot_source_read(source, "%s", path);
	auto_free char *found = text ? kernel_install_assignment(text, key) : NULL;

	if (!found)
		return;
	free(*value);
	*value = *found ? text_escape(found) : NULL;
}

char *kernel_install_setting(struct boot_source *source, const char *key)
{
	static const char *const files[] = {"/etc/kernel/install.conf", "/run/kernel/install.conf",
					    "/usr/local/lib/kernel/install.conf",
					    "/usr/lib/kernel/install.conf"};
	static const char *const folders[] = {
		"/etc/kernel/install.conf.d", "/run/kernel/install.conf.d",
		"/usr/local/lib/kernel/install.conf.d", "/usr/lib/kernel/install.conf.d"};
	cleanup(host_free_names) char **drop_ins =
		layers_list(source, folders, sizeof(folders) / sizeof(folders[0]));
	char *value = NULL;

	/* Only the first file counts, whatever it holds; then come the drop-ins. */
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!boot_source_has_file(source, "%s", files[i]))
			continue;
		take_setting(source, files[i], key, &value);
		break;
	}
	for (size_t i = 0; drop_ins[i]; i++)
		take_setting(source, drop_ins[i], key, &value);
	return value;
}

/* The first line of a file, where it can be the name of a folder; heap, or NULL. */
static char *read_name(struct boot_source *source, const char *path)
{
	auto_free char *name = boot_source_read_word(source, "%s", path);

	return name && *name != '.' && !strpbrk(name, "/\\") ? steal(&name) : NULL;
}

static char *read_token(struct boot_source *source, const char *boot_root)
{
	static const char *const keys[] = {"IMAGE_ID", "ID"};
	char *token = read_name(source, "/etc/kernel/entry-token");
	auto_free char *machine_id = NULL, *release = NULL;

	if (token)
		return token;
	machine_id = read_name(source, "/etc/machine-id");
	if (machine_id && boot_root && boot_source_has(source, "%s/%s", boot_root, machine_id))
		return steal(&machine_id);
	release = boot_source_read(source, "/etc/os-release");
	for (size_t i = 0; release && boot_root && i < sizeof(keys) / sizeof(keys[0]); i++) {
		auto_free char *id = kernel_install_assignment(release, keys[i]);

		if (id && *id && !strchr(id, '/') && *id != '.' &&
		    boot_source_has(source, "%s/%s", boot_root, id))
			return text_escape(id);
	}
	return steal(&machine_id);
}

static char *find_boot_root(struct boot_source *source)
{
	auto_free char *token = read_name(source, "/etc/kernel/entry-token");
	auto_free char *machine_id = read_name(source, "/etc/machine-id");
	char *configured = kernel_install_setting(source, "BOOT_ROOT");

	if (configured)
		return configured;
	for (size_t i = 0; i < BOOT_ROOTS; i++)
		if (boot_source_has(source, "%s/loader/entries", boot_roots[i]) ||
		    (token && boot_source_has(source, "%s/%s", boot_roots[i], token)) ||
		    (machine_id && boot_source_has(source, "%s/%s", boot_roots[i], machine_id)))
			return xstrdup(boot_roots[i]);
	return NULL;
}

/* What the configuration leaves open, kernel-install decides by what is there. */
static char *read_layout(struct boot_source *source, const struct boot_kernel_install *install)
{
	char *layout = kernel_install_setting(source, "layout");
	auto_free char *srel = NULL;

	if (layout && strcmp(layout, "auto") != 0 && !strchr(layout, '\\'))
		return layout;
	free(layout);
	if (!install->program)
		return NULL;
	if (!install->boot_root)
		return xstrdup("other");
	srel = boot_source_read_word(source, "%s/loader/entries.srel", install->boot_root);
	if (srel)
		return xstrdup(strcmp(srel, "type1") == 0 ? "bls" : "other");
	if (install->token && boot_source_has(source, "%s/%s", install->boot_root, install->token))
		return xstrdup("bls");
	return xstrdup("other");
}

static void read_entries(struct boot_source *source, struct boot_kernel_install *install)
{
	cleanup(host_free_names) char **names = NULL;
	size_t count = 0;

	install->entries = xcalloc(1, sizeof(*install->entries));
	if (!install->boot_root)
		return;
	names = boot_source_list(source, "%s/loader/entries", install->boot_root);
	for (size_t i = 0; names[i]; i++)
		if (text_ends(names[i], ".conf"))
			source_strings_add(&install->entries, &count, text_escape(names[i]));
}

static void read_images(struct boot_source *source, struct boot_kernel_install *install)
{
	size_t count = 0;

	install->images = xcalloc(1, sizeof(*install->images));
	for (size_t i = 0; i < BOOT_ROOTS; i++) {
		cleanup(host_free_names) char **names =
			boot_source_list(source, "%s/EFI/Linux", boot_roots[i]);

		for (size_t j = 0; names[j]; j++)
			if (text_ends(names[j], ".efi"))
				source_strings_add(
					&install->images, &count,
					xasprintf("%s/EFI/Linux/%s", boot_roots[i], names[j]));
	}
}

void boot_kernel_install_read(struct boot_source *source, struct boot *boot)
{
	struct boot_kernel_install *install = &boot->kernel_install;

	install->program = boot_source_program(source, "kernel-install");
	install->boot_root = find_boot_root(source);
	install->token = read_token(source, install->boot_root);
	install->layout = read_layout(source, install);
	install->cmdline = boot_source_read(source, "/etc/kernel/cmdline");
	read_entries(source, install);
	read_images(source, install);
}

/* --- the command line of an entry --- */

/* The values of all its lines "options", which add up. */
static char *options_in(const char *entry)
{
	static const char key[] = "options";
	auto_text struct text options = TEXT_INIT;

	for (const char *line = entry, *next; *line; line = next) {
		const char *end = strchrnul(line, '\n'), *value;

		next = *end ? end + 1 : end;
		line += strspn(line, " \t");
		if (!text_starts(line, key) || !strchr(" \t", line[strlen(key)]))
			continue;
		value = line + strlen(key);
		value += strspn(value, " \t");
		while (end > value && strchr(" \t\r", end[-1]))
			end--;
		if (end > value)
			text_printf(&options, "%s%.*s", options.length > 0 ? " " : "",
				    (int)(end - value), value);
	}
	return options.data ? steal(&options.data) : NULL;
}

/* Where attempts to boot are counted, the name of an entry has the count in it. */
static void take_own(struct boot_source *source, struct boot_kernel_install *install,
		     const char *name, const char *release)
{
	auto_free char *text =
		boot_source_read(source, "%s/loader/entries/%s", install->boot_root, name);
	struct boot_entry own = {.options = text ? options_in(text) : NULL};

	if (!text)
		return;
	own.name = xstrdup(name);
	own.release = xstrdup(release);
	own.options = own.options ? own.options : xstrdup("");
	array_push(install->own, install->own_count, own);
}

/* Of the running kernel, or else of the newest that has any. */
static char *usual_options(const struct boot_kernel_install *install, const struct boot *boot)
{
	const char *newest = NULL;

	for (size_t i = 0; i < boot->kernel_count; i++) {
		const char *release = boot->kernels[i].release;

		for (size_t j = 0; j < install->own_count; j++) {
			const struct boot_entry *own = &install->own[j];

			if (!*own->options || strcmp(own->release, release) != 0)
				continue;
			if (boot->kernels[i].runs)
				return xstrdup(own->options);
			newest = newest ? newest : own->options;
		}
	}
	return newest ? xstrdup(newest) : NULL;
}

void boot_kernel_install_read_options(struct boot_source *source, struct boot *boot)
{
	struct boot_kernel_install *install = &boot->kernel_install;

	if (!install->boot_root || !install->token)
		return;
	for (size_t i = 0; i < boot->kernel_count; i++)
		for (size_t j = 0; install->entries[j]; j++)
			if (boot_entry_is_of(install->entries[j], install->token,
					     boot->kernels[i].release))
				take_own(source, install, install->entries[j],
					 boot->kernels[i].release);
	install->options = usual_options(install, boot);
}
