// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which generator of initramfs images is installed, which one is called for a new kernel, and which
 * one built the image that was booted. More than one can be installed, as parts of them are wanted
 * for other things. Tests: unit/test-boot.c.
 */
#include "parsers/boot/boot-initramfs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"
#include "parsers/boot/boot-image.h"
#include "parsers/boot/boot-kernel-install.h"

static const char *const programs[INITRAMFS_KINDS] = {
	[INITRAMFS_TOOLS] = "mkinitramfs",
	[INITRAMFS_DRACUT] = "dracut",
	[INITRAMFS_MKINITCPIO] = "mkinitcpio",
	[INITRAMFS_BOOSTER] = "booster",
};

/* Whose update-initramfs it is: there are two programs of this name. */
static bool update_owner(struct boot_source *source, enum boot_initramfs *ret)
{
	auto_free char *path = boot_source_program(source, "update-initramfs");
	auto_free char *text = path ? boot_source_read(source, "%s", path) : NULL;

	if (!text)
		return false;
	if (strstr(text, "mkinitramfs"))
		*ret = INITRAMFS_TOOLS;
	else if (strstr(text, "dracut"))
		*ret = INITRAMFS_DRACUT;
	else
		return false;
	return true;
}

/* The one of dracut's builds its images. Heap. */
static char *find_program(struct boot_source *source, enum boot_initramfs kind)
{
	enum boot_initramfs owner = INITRAMFS_TOOLS;

	if (kind != INITRAMFS_TOOLS)
		return boot_source_program(source, programs[kind]);
	update_owner(source, &owner);
	return owner == INITRAMFS_TOOLS ? boot_source_program(source, "update-initramfs") : NULL;
}

static void find_programs(struct boot_source *source, struct boot *boot)
{
	for (int kind = 0; kind < INITRAMFS_KINDS; kind++) {
		auto_free char *path = boot_source_program(source, programs[kind]);
		struct boot_initramfs_found found = {.kind = (enum boot_initramfs)kind};

		if (!path)
			continue;
		found.evidence = xasprintf("%s is installed", path);
		found.program = find_program(source, found.kind);
		array_push(boot->initramfs, boot->initramfs_count, found);
	}
}

static struct boot_initramfs_found *find_kind(struct boot *boot, enum boot_initramfs kind)
{
	for (size_t i = 0; i < boot->initramfs_count; i++)
		if (boot->initramfs[i].kind == kind)
			return &boot->initramfs[i];
	return NULL;
}

/* Takes the heap string. One that is not installed builds nothing. */
static bool mark_builds(struct boot *boot, enum boot_initramfs kind, char *evidence)
{
	struct boot_initramfs_found *found = find_kind(boot, kind);
	char *before = found ? found->evidence : NULL;

	if (found) {
		found->evidence = xasprintf("%s, and %s", before, evidence);
		found->builds = true;
		free(before);
	}
	free(evidence);
	return found != NULL;
}

/* --- who is called for a new kernel --- */

/*
 * Whom a hook of a Debian kernel calls. The hook of initramfs-tools stays behind as configuration
 * when the package goes; then, since 0.142 or so, it asks whose update-initramfs there is.
 */
static bool hook_calls(struct boot_source *source, const char *text, enum boot_initramfs *ret)
{
	enum boot_initramfs owner;

	if (strstr(text, "update-initramfs") && update_owner(source, &owner)) {
		*ret = owner;
		return owner == INITRAMFS_TOOLS || !strstr(text, "= initramfs-tools");
	}
	for (int kind = 0; kind < INITRAMFS_KINDS; kind++) {
		if (kind != INITRAMFS_TOOLS && strstr(text, programs[kind])) {
			*ret = (enum boot_initramfs)kind;
			return true;
		}
	}
	return false;
}

/* Others (kdump-tools) build images of their own with the same programs. */
static bool is_hook_name(const char *name)
{
	return strstr(name, "initramfs") || strstr(name, "dracut") || strstr(name, "mkinitcpio") ||
	       strstr(name, "booster");
}

/*
 * All of them write the same image, so that the last one in the order of their names is who builds
 * it. Those of /etc count, and those of /usr/share that no name in /etc hides.
 */
static bool find_debian_hook(struct boot_source *source, struct boot *boot)
{
	static const char *const folders[] = {"/etc/kernel/postinst.d",
					      "/usr/share/kernel/postinst.d"};
	auto_free char *last_name = NULL, *last_folder = NULL;
	enum boot_initramfs kind, last = INITRAMFS_TOOLS;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		cleanup(host_free_names) char **names = boot_source_list(source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++) {
			auto_free char *text = NULL;

			if (!is_hook_name(names[j]) ||
			    (last_name && strcmp(names[j], last_name) <= 0) ||
			    (i > 0 && boot_source_has(source, "%s/%s", folders[0], names[j])) ||
			    !boot_source_has_program(source, "%s/%s", folders[i], names[j]))
				continue;
			text = boot_source_read(source, "%s/%s", folders[i], names[j]);
			if (!text || !hook_calls(source, text, &kind) || !find_kind(boot, kind))
				continue;
			free(last_name);
			free(last_folder);
			last_name = xstrdup(names[j]);
			last_folder = xstrdup(folders[i]);
			last = kind;
		}
	}
	return last_name &&
	       mark_builds(boot, last, xasprintf("%s/%s calls it", last_folder, last_name));
}

/* Pacman's hooks; one of the same name in /etc hides one in /usr. */
static bool find_pacman_hook(struct boot_source *source, struct boot *boot)
{
	static const char *const folders[] = {"/etc/pacman.d/hooks", "/usr/share/libalpm/hooks"};
	bool found = false;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		cleanup(host_free_names) char **names = boot_source_list(source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++) {
			if (!text_ends(names[j], ".hook") || strstr(names[j], "remove") ||
			    !boot_source_has_file(source, "%s/%s", folders[i], names[j]) ||
			    (i > 0 && boot_source_has(source, "%s/%s", folders[0], names[j])))
				continue;
			for (int kind = 0; kind < INITRAMFS_KINDS; kind++)
				if (strstr(names[j], programs[kind]))
					found |= mark_builds(
						boot, (enum boot_initramfs)kind,
						xasprintf("%s/%s calls it", folders[i], names[j]));
		}
	}
	return found;
}

/* Plugins of kernel-install; the configuration may name the one that shall build. */
static bool find_plugin(struct boot_source *source, struct boot *boot)
{
	static const struct {
		const char *file;
		enum boot_initramfs kind;
	} plugins[] = {
		{"50-dracut.install", INITRAMFS_DRACUT},
		{"50-mkinitcpio.install", INITRAMFS_MKINITCPIO},
		{"50-booster.install", INITRAMFS_BOOSTER},
	};
	auto_free char *generator = kernel_install_setting(source, "initrd_generator");
	bool found = false;

	if (!boot->kernel_install.program)
		return false;
	for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++) {
		const char *folder = "/etc/kernel/install.d";

		if (generator && strcmp(generator, boot_initramfs_name(plugins[i].kind)) != 0)
			continue;
		/* A link to /dev/null there switches it off. */
		if (!boot_source_has(source, "%s/%s", folder, plugins[i].file))
			folder = "/usr/lib/kernel/install.d";
		if (boot_source_has_program(source, "%s/%s", folder, plugins[i].file))
			found |= mark_builds(boot, plugins[i].kind,
					     xasprintf("kernel-install calls it (%s/%s)", folder,
						       plugins[i].file));
	}
	return found;
}

static void find_builder(struct boot_source *source, struct boot *boot)
{
	if (find_debian_hook(source, boot) || find_pacman_hook(source, boot) ||
	    find_plugin(source, boot))
		return;
	if (boot->initramfs_count == 1)
		mark_builds(boot, boot->initramfs[0].kind, xstrdup("no other one is"));
}

/* --- who built the running kernel's --- */

static void mark_built(struct boot *boot, enum boot_initramfs kind, char *evidence)
{
	struct boot_initramfs_found *found = find_kind(boot, kind);

	if (found && !found->built)
		found->built = steal(&evidence);
	free(evidence);
}

static const char *running_initrd(const struct boot *boot)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].runs)
			return boot->kernels[i].initrd;
	return NULL;
}

/* What two of them do alike tells who it was where only one is installed. */
static bool find_one_of(struct boot *boot, enum boot_initramfs first, enum boot_initramfs second,
			enum boot_initramfs *ret)
{
	bool has_first = find_kind(boot, first) != NULL;

	*ret = has_first ? first : second;
	return has_first != (find_kind(boot, second) != NULL);
}

/*
 * dracut and mkinitcpio put the file early_cpio beside the microcode, initramfs-tools does not. A
 * part with other things is what initramfs-tools, and dracut since 111 or so, leave uncompressed as
 * it is compressed already.
 */
static bool find_by_part(struct boot *boot, const char *path, const struct boot_image *image)
{
	enum boot_initramfs other = image->early ? INITRAMFS_MKINITCPIO : INITRAMFS_TOOLS;
	enum boot_initramfs kind = INITRAMFS_TOOLS;
	const char *mark = "";

	if (!image->known)
		return false;
	if (image->early)
		mark = ", with the file early_cpio";
	else if (image->microcode)
		mark = ", with microcode and without the file early_cpio";
	if ((image->early || !image->microcode) &&
	    !find_one_of(boot, INITRAMFS_DRACUT, other, &kind))
		return false;
	mark_built(
		boot, kind,
		xasprintf("%s has a part that is not compressed%s, as it leaves one", path, mark));
	return true;
}

static bool find_in_image(struct boot_source *source, struct boot *boot)
{
	const char *path = running_initrd(boot);
	struct boot_image image;

	if (!path)
		return false;
	boot_image_read(source, path, &image);
	for (int kind = 0; kind < INITRAMFS_KINDS; kind++) {
		if (!image.names[kind])
			continue;
		mark_built(boot, (enum boot_initramfs)kind, xasprintf("%s has its files", path));
		return true;
	}
	return find_by_part(boot, path, &image);
}

/* What the boot left behind: initramfs-tools makes this folder for root alone, dracut fills it. */
static void find_in_run(struct boot_source *source, struct boot *boot)
{
	static const char *const left[] = {".need_shutdown", "log", "cmdline.d", "rdsosreport.txt"};
	static const char folder[] = "/run/initramfs";
	struct stat status;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		if (boot_source_has(source, "%s/%s", folder, left[i])) {
			mark_built(boot, INITRAMFS_DRACUT,
				   xasprintf("it left %s/%s behind", folder, left[i]));
			return;
		}
	}
	if (host_path_stat(source->host, folder, &status, NULL) == 0 && S_ISDIR(status.st_mode) &&
	    (status.st_mode & 0777) == 0700)
		mark_built(boot, INITRAMFS_TOOLS,
			   xasprintf("it left %s behind, for root alone", folder));
}

/* Whoever has set that builds images at times of their own; update-initramfs only says so. */
static void find_switch(struct boot_source *source, struct boot *boot)
{
	struct boot_initramfs_found *found = find_kind(boot, INITRAMFS_TOOLS);
	auto_free char *text =
		boot_source_read(source, "/etc/initramfs-tools/update-initramfs.conf");
	auto_free char *value = text ? kernel_install_assignment(text, "update_initramfs") : NULL;

	if (found)
		found->switched_off = text_equal(value, "no");
}

void boot_initramfs_read(struct boot_source *source, struct boot *boot)
{
	find_programs(source, boot);
	find_switch(source, boot);
	find_builder(source, boot);
	if (!find_in_image(source, boot))
		find_in_run(source, boot);
}
