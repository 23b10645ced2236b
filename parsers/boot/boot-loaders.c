// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * By what a boot loader, or who manages it, is known: by files that only it has, and by the name
 * that it leaves with the firmware. The distribution's name is never asked.
 * Tests: unit/test-boot.c.
 */
#include "parsers/boot/boot-loaders.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-kernel-install.h"

struct sight {
	struct boot_source *source;
	struct boot *boot;
};

/* Takes the heap string. */
static void add(const struct sight *sight, enum boot_loader kind, bool booted, char *evidence)
{
	struct boot *boot = sight->boot;

	if (boot_loader_find(boot, kind)) {
		free(evidence);
		return;
	}
	array_push(
		boot->loaders, boot->loader_count,
		(struct boot_loader_found){.kind = kind, .evidence = evidence, .booted = booted});
}

/* Does the loader that started the kernel call itself so? */
static bool says(const struct sight *sight, const char *name)
{
	return sight->boot->loader_info &&
	       strncasecmp(sight->boot->loader_info, name, strlen(name)) == 0;
}

static bool has_entries(const struct sight *sight)
{
	char **entries = sight->boot->kernel_install.entries;

	return entries && entries[0];
}

static size_t image_count(const struct sight *sight)
{
	char **images = sight->boot->kernel_install.images;
	size_t count = 0;

	while (images && images[count])
		count++;
	return count;
}

/* One that the host had without us: copies for choices, which people are told to make, are called
 * "...-hostdev-1.efi" (generator/by-hand.c). There is one. */
static const char *usual_image(const struct sight *sight)
{
	char **images = sight->boot->kernel_install.images;

	for (size_t i = 0; images[i]; i++)
		if (!strstr(strrchr(images[i], '/'), "hostdev-"))
			return images[i];
	return images[0];
}

/* --- managers --- */

/* Where both programs are, rpm-ostree sets words in any deployment. */
static bool find_ostree(const struct sight *sight)
{
	auto_free char *ostree = boot_source_program(sight->source, "rpm-ostree");
	auto_free char *bootc = boot_source_program(sight->source, "bootc");
	const char *program = ostree ? ostree : bootc;

	if (!boot_source_has(sight->source, "/run/ostree-booted"))
		return false;
	add(sight, !ostree && bootc ? LOADER_BOOTC : LOADER_OSTREE, true,
	    xasprintf("/run/ostree-booted is there%s%s", program ? ", and " : "",
		      program ? program : ""));
	return true;
}

static bool find_nixos(const struct sight *sight)
{
	if (!boot_source_has(sight->source, "/etc/NIXOS"))
		return false;
	add(sight, LOADER_NIXOS, boot_source_has(sight->source, "/run/booted-system"),
	    xstrdup("/etc/NIXOS is there"));
	return true;
}

/* A line that is no comment: without one, the tool looks after no partition. */
static bool has_words(const char *text)
{
	for (const char *line = text; *line; line += strcspn(line, "\n")) {
		line += strspn(line, " \t\r\n");
		if (*line && *line != '#')
			return true;
	}
	return false;
}

static bool find_proxmox(const struct sight *sight)
{
	static const char path[] = "/etc/kernel/proxmox-boot-uuids";
	auto_free char *text = boot_source_read(sight->source, path);
	auto_free char *program = boot_source_program(sight->source, "proxmox-boot-tool");

	if (!text || !program || !has_words(text))
		return false;
	add(sight, LOADER_PROXMOX, says(sight, "systemd-boot") || says(sight, "GRUB"),
	    xasprintf("%s names the partitions that %s keeps", path, program));
	return true;
}

/* Without UEFI the same distribution boots with GRUB, and leaves the configuration unused. */
static bool find_kernelstub(const struct sight *sight)
{
	static const char path[] = "/etc/kernelstub/configuration";
	auto_free char *program = boot_source_program(sight->source, "kernelstub");

	if (!program || !boot_source_has_file(sight->source, path) ||
	    (!sight->boot->uefi && !has_entries(sight) && sight->boot->grub.has_entries))
		return false;
	add(sight, LOADER_KERNELSTUB, says(sight, "systemd-boot"),
	    xasprintf("%s and %s are there", path, program));
	return true;
}

/* It comes along with a classic GRUB as well, and is at work only where it writes entries. */
static bool find_sdbootutil(const struct sight *sight)
{
	static const char path[] = "/etc/sysconfig/bootloader";
	auto_free char *program = boot_source_program(sight->source, "sdbootutil");
	auto_free char *text = program ? boot_source_read(sight->source, path) : NULL;
	auto_free char *type = text ? kernel_install_assignment(text, "LOADER_TYPE") : NULL;
	bool named = type && (strcmp(type, "systemd-boot") == 0 || strcmp(type, "grub2-bls") == 0);

	if (!program || (type && *type && !named) || (!named && !has_entries(sight)))
		return false;
	add(sight, LOADER_SDBOOTUTIL, says(sight, "systemd-boot") || says(sight, "GRUB"),
	    named ? xasprintf("%s is there, and %s says %s", program, path, type)
		  : xasprintf("%s is there, and %s/loader/entries has entries", program,
			      sight->boot->kernel_install.boot_root));
	return true;
}

/* --- loaders --- */

/* Which of GRUB's two ways started the kernel, the stub of a unified image tells. */
static void find_grub(const struct sight *sight)
{
	const struct boot_grub *grub = &sight->boot->grub;
	const char *root = sight->boot->kernel_install.boot_root;
	bool entries = grub->lists_entries && (has_entries(sight) || !grub->has_entries);
	bool images = grub->lists_images && image_count(sight) > 0;
	bool booted = says(sight, "GRUB"), stub = sight->boot->stub_info != NULL;

	if (grub->has_entries)
		add(sight, LOADER_GRUB, booted && !(images && stub),
		    xasprintf("%s has menu entries for Linux", grub->config));
	if (entries)
		add(sight, LOADER_GRUB_BLS, booted,
		    xasprintf("%s lists the entries of %s/loader/entries (blscfg)", grub->config,
			      root ? root : "/boot"));
	else if (images)
		add(sight, LOADER_GRUB_BLS, booted && stub,
		    xasprintf("%s lists unified kernel images (uki), such as %s", grub->config,
			      usual_image(sight)));
	if (!grub->has_entries && !entries && !images && booted)
		add(sight, LOADER_GRUB, true,
		    xasprintf("the firmware says that %s started this kernel",
			      sight->boot->loader_info));
}

/* systemd-boot's program on the firmware's partition; heap, NULL: none. */
static char *find_sd_boot(const struct sight *sight)
{
	for (size_t i = 0; i < BOOT_ROOTS; i++) {
		cleanup(host_free_names) char **names =
			boot_source_list(sight->source, "%s/EFI/systemd", boot_roots[i]);

		for (size_t j = 0; names[j]; j++)
			if (text_starts(names[j], "systemd-boot") && text_ends(names[j], ".efi"))
				return xasprintf("%s/EFI/systemd/%s is there", boot_roots[i],
						 names[j]);
	}
	if (!says(sight, "systemd-boot"))
		return NULL;
	return xasprintf("the firmware says that %s started this kernel", sight->boot->loader_info);
}

/* Are its entries unified images rather than files in loader/entries? */
static bool is_unified(const struct sight *sight)
{
	const char *layout = sight->boot->kernel_install.layout;

	if (image_count(sight) == 0)
		return false;
	return !has_entries(sight) || sight->boot->stub_info || text_equal(layout, "uki");
}

static void find_systemd_boot(const struct sight *sight)
{
	auto_free char *evidence = find_sd_boot(sight);
	bool booted = says(sight, "systemd-boot");

	if (!evidence)
		return;
	if (is_unified(sight))
		add(sight, LOADER_UKI, booted,
		    xasprintf("%s, and so is %s", evidence, usual_image(sight)));
	else
		add(sight, LOADER_SYSTEMD_BOOT, booted, steal(&evidence));
}

/* The first of these files that is there, below any boot root; heap, NULL: none. */
static char *find_below_roots(const struct sight *sight, const char *const *files)
{
	for (size_t i = 0; i < BOOT_ROOTS; i++) {
		for (size_t j = 0; files[j]; j++) {
			auto_free char *path = xasprintf("%s/%s", boot_roots[i], files[j]);

			if (boot_source_has_file(sight->source, "%s", path))
				return steal(&path);
		}
	}
	return NULL;
}

static void find_by_files(const struct sight *sight, enum boot_loader kind, const char *name,
			  const char *const *files)
{
	auto_free char *path = find_below_roots(sight, files);

	if (path)
		add(sight, kind, says(sight, name), xasprintf("%s is there", path));
	else if (says(sight, name))
		add(sight, kind, true,
		    xasprintf("the firmware says that %s started this kernel",
			      sight->boot->loader_info));
}

static void find_others(const struct sight *sight)
{
	static const char *const limine[] = {"limine.conf",
					     "limine/limine.conf",
					     "EFI/limine/limine.conf",
					     "EFI/BOOT/limine.conf",
					     "limine.cfg",
					     "limine/limine.cfg",
					     NULL};
	static const char *const refind[] = {"EFI/refind/refind.conf", "EFI/BOOT/refind.conf",
					     "refind_linux.conf", NULL};

	find_by_files(sight, LOADER_LIMINE, "limine", limine);
	find_by_files(sight, LOADER_REFIND, "refind", refind);
}

/*
 * The firmware starts the images itself: its stub says that it ran, and no loader does; or there is
 * the tool that enters them, or nothing else that could start them.
 */
static void find_direct(const struct sight *sight)
{
	auto_free char *tool = boot_source_program(sight->source, "kernel-bootcfg");
	bool booted = sight->boot->stub_info && !sight->boot->loader_info;

	if (image_count(sight) == 0 || boot_loader_find(sight->boot, LOADER_UKI) ||
	    (!booted && !tool && sight->boot->loader_count > 0))
		return;
	add(sight, LOADER_UKI_DIRECT, booted,
	    xasprintf("%s is there%s%s", usual_image(sight),
		      tool     ? ", and "
		      : booted ? ", and the firmware names no loader, but "
			       : ", and no loader",
		      tool     ? tool
		      : booted ? sight->boot->stub_info
			       : ""));
}

/* Behind the keyword and blanks, "" where the line begins with another. */
static const char *setting_of(const char *line, const char *key)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0 || !strchr(" \t", line[length]))
		return "";
	return line + length + strspn(line + length, " \t");
}

static bool is_one_of(const char *value, const char *const *words)
{
	size_t length = strcspn(value, " \t\r\n");

	for (; *words; words++)
		if (strlen(*words) == length && strncmp(value, *words, length) == 0)
			return true;
	return false;
}

void loader_conf_read(const char *text, struct boot_menu *ret)
{
	static const char *const hidden[] = {"0", "menu-hidden", NULL};
	static const char *const absent[] = {"menu-disabled", NULL};
	static const char *const no[] = {"no", "0", "false", "n", "f", "off", NULL};

	for (const char *line = text; *line; line = text_next_line(line)) {
		const char *timeout = setting_of(line, "timeout");

		if (*timeout) {
			ret->hidden = is_one_of(timeout, hidden);
			ret->absent = is_one_of(timeout, absent);
		}
		if (*setting_of(line, "editor"))
			ret->no_editor = is_one_of(setting_of(line, "editor"), no);
	}
}

static void read_loader_conf(const struct sight *sight)
{
	static const char *const files[] = {"loader/loader.conf", NULL};
	auto_free char *path = find_below_roots(sight, files);
	auto_free char *text = path ? boot_source_read(sight->source, "%s", path) : NULL;

	if (text)
		loader_conf_read(text, &sight->boot->systemd_boot_menu);
}

void boot_loaders_read(struct boot_source *source, struct boot *boot)
{
	const struct sight sight = {source, boot};

	read_loader_conf(&sight);
	if (find_ostree(&sight) || find_nixos(&sight) || find_proxmox(&sight) ||
	    find_kernelstub(&sight) || find_sdbootutil(&sight))
		return;
	find_grub(&sight);
	find_systemd_boot(&sight);
	find_others(&sight);
	find_direct(&sight);
}
