// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What other tools and guides put where to reserve devices at boot. Two that reserve the same
 * device are not told apart by what comes of it, so that each one is named with its file.
 * Tests: unit/test-boot.c.
 */
#include "parsers/boot/boot-rivals.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-modprobe.h"

char *rivals_line_with(const char *text, const char *word, const char *other)
{
	for (const char *line = text; *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");
		auto_free char *copy = NULL;

		line += strspn(line, " \t");
		length = strcspn(line, "\n");
		copy = xasprintf("%.*s", (int)length, line);
		line += length;
		if (*copy != '#' && (strstr(copy, word) || strstr(copy, other)))
			return text_escape(copy);
	}
	return NULL;
}

/* Its unit binds the device late, and by its ids takes what is like it, too. */
static void find_driverctl(struct boot_source *source, struct boot *boot)
{
	cleanup(host_free_names) char **names = boot_source_list(source, "/etc/driverctl.d");

	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("/etc/driverctl.d/%s", names[i]);
		auto_free char *driver = NULL, *addr = NULL;

		if (!text_starts(names[i], "pci-"))
			continue;
		driver = boot_source_read_word(source, "%s", path);
		addr = text_escape(names[i] + strlen("pci-"));
		boot_add_rival(boot, path,
			       xasprintf("driverctl binds %.40s to %.64s", addr,
					 driver ? driver : "no driver"));
	}
}

/* A file of a folder that sets drivers; ours are left out by their name. */
static void find_scripts(struct boot_source *source, struct boot *boot, const char *folder,
			 const char *who)
{
	cleanup(host_free_names) char **names = boot_source_list(source, "%s", folder);

	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", folder, names[i]);
		auto_free char *text = NULL, *line = NULL;

		if (strstr(names[i], "hostdev-hook"))
			continue;
		text = boot_source_read(source, "%s", path);
		line = text ? rivals_line_with(text, "driver_override", "vfio-pci") : NULL;
		if (line)
			boot_add_rival(boot, path, xasprintf("%s: %.200s", who, line));
	}
}

/* "vfio-pci ids=..." in a list of modules: the words behind the name become options. */
static void find_module_lists(struct boot_source *source, struct boot *boot)
{
	static const char *const paths[] = {"/etc/initramfs-tools/modules", "/etc/modules"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		auto_free char *text = boot_source_read(source, "%s", paths[i]);
		auto_free char *line = text ? rivals_line_with(text, "vfio-pci", "vfio_pci") : NULL;

		if (line && strstr(line, "ids="))
			boot_add_rival(boot, paths[i],
				       xasprintf("it loads vfio-pci with ids of its own, later "
						 "than the host's drivers: %.200s",
						 line));
	}
}

static void find_dracut(struct boot_source *source, struct boot *boot)
{
	cleanup(host_free_names) char **names = boot_source_list(source, "/etc/dracut.conf.d");

	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("/etc/dracut.conf.d/%s", names[i]);
		auto_free char *text = NULL, *line = NULL;

		if (!text_ends(names[i], ".conf") || strstr(names[i], "hostdev-hook"))
			continue;
		text = boot_source_read(source, "%s", path);
		line = text ? rivals_line_with(text, "vfio", "driver_override") : NULL;
		if (line)
			boot_add_rival(boot, path,
				       xasprintf("dracut puts VFIO into the image: %.200s", line));
	}
}

/* Modules of guides for dracut. */
static void find_dracut_modules(struct boot_source *source, struct boot *boot)
{
	static const char folder[] = "/usr/lib/dracut/modules.d";
	cleanup(host_free_names) char **names = boot_source_list(source, folder);

	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", folder, names[i]);

		if (strstr(names[i], "vfio") && !strstr(names[i], "hostdev-hook"))
			boot_add_rival(boot, path,
				       xstrdup("this module of dracut is no part of dracut, and "
					       "its name speaks of VFIO"));
	}
}

void boot_rivals_read(struct boot_source *source, struct boot *boot)
{
	static const struct {
		const char *folder, *who;
	} scripts[] = {
		{"/etc/initramfs-tools/scripts/init-top", "a script of the initramfs"},
		{"/etc/initramfs-tools/scripts/init-premount", "a script of the initramfs"},
		{"/etc/initcpio/hooks", "a hook of the initramfs"},
		{"/etc/udev/rules.d", "a rule of udev"},
	};

	find_driverctl(source, boot);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		find_scripts(source, boot, scripts[i].folder, scripts[i].who);
	find_module_lists(source, boot);
	find_dracut(source, boot);
	find_dracut_modules(source, boot);
}
