// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What builds images for a host that does not run may leave out of them by what its encrypted root
 * is opened, where it was opened under another name than that host gives to it.
 * Tests: model/test-apply-encrypted.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/host-path.h"
#include "base/text.h"
#include "hostdevctl/generate/generate.h"
#include "parsers/boot/mappings.h"

#define CRYPTTAB "/etc/crypttab"
#define CRYPTTAB_MAX (1024u * 1024)
/* Of Debian's cryptsetup-initramfs. What dracut and mkinitcpio put in does not go by the name. */
#define HOOK "/usr/share/initramfs-tools/hooks/cryptroot"

/* Where the host is mounted, as people and as the kernel spell it. */
struct place_of_root {
	const struct host *here;
	const char *root;
	const char *path;
	const char *crypttab;
};

static bool is_built_by_initramfs_tools(const struct step *step)
{
	const char *words = strchr(step->target, ':'), *name;
	size_t length;

	if (step->kind != STEP_BUILD || !text_starts(step->target, "image:") ||
	    strcmp(step->before, "built") != 0)
		return false;
	length = strcspn(++words, ",");
	name = memrchr(words, '/', length);
	name = name ? name + 1 : words;
	length -= (size_t)(name - words);
	return length == strlen("update-initramfs") && text_starts(name, "update-initramfs");
}

static bool builds_images(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++)
		if (journal_mark_is_unsettled(setup->marks[i]) &&
		    is_built_by_initramfs_tools(&setup->steps[i]))
			return true;
	return false;
}

/* What no record tells of gets one, and is taken back by that. */
static bool leftovers_build_images(const struct generate_host *host)
{
	cleanup(generate_plan_done) struct generate_plan left = {0};

	generate_leftovers_find(host, &left);
	return left.change_count > 0 && generate_leftovers_record(host, &left, NULL) == 0 &&
	       builds_images(&left.setup);
}

static bool undo_builds_images(const struct generate_host *host)
{
	for (size_t i = 0; i < host->setups.count; i++)
		if (builds_images(&host->setups.items[i].setup))
			return true;
	return leftovers_build_images(host);
}

/* dracut has a program of the name update-initramfs as well. */
static bool has_hook(const struct host *host)
{
	auto_free char *program = NULL;
	struct stat status;

	return host_path_stat(host, HOOK, &status, NULL) == 0 &&
	       host_program_find(host, "mkinitramfs", &program, NULL) == 0;
}

static int refuse_name(const struct place_of_root *place, const struct mapping *mapping,
		       const char *name, struct error *err)
{
	auto_free char *now = text_escape(mapping->name);
	auto_free char *wanted = name ? text_escape(name) : NULL;
	auto_free char *called = wanted ? xasprintf("calls it \"%.60s\"", wanted)
					: xstrdup("has no line of that name");

	return error_set(
		err, EBUSY,
		"%.60s, on which the host below %.60s lies, is open as \"%.60s\", and its " CRYPTTAB
		" %s: the images built there would not open it, and no kernel "
		"would start; nothing was changed. Unmount it (LVM on it: vgchange -an), "
		"\"cryptsetup close %.60s\", "
		"\"cryptsetup open %.60s %.60s\", and mount it again",
		mapping->disk, place->root, now, called, now, mapping->disk,
		wanted ? wanted : "NAME");
}

static int refuse_place(const struct place_of_root *place, const struct mapping *mapping,
			struct error *err)
{
	return error_set(
		err, EBUSY,
		"%.100s is encrypted, and %.100s, which lies on it, is not mounted itself, "
		"but a directory of what is: the images built there would not open the "
		"disk, and no kernel would start; nothing was changed. Mount it there, or "
		"\"mount --bind %.100s %.100s\"",
		mapping->disk, place->root, place->root, place->root);
}

static int check_mount(const struct place_of_root *place, const char *path, bool is_root,
		       struct error *err)
{
	auto_mappings struct mappings mappings = {0};
	bool is_mount = false;
	int result = mappings_read(place->here, path, &is_mount, &mappings, err);

	if (result < 0)
		return error_wrap(err, "whether %s is encrypted cannot be told", place->root);
	/* The hook asks what is mounted on /usr, and only then what it lies on. */
	for (size_t i = 0; result == 0 && (is_root || is_mount) && i < mappings.count; i++) {
		const struct mapping *mapping = &mappings.all[i];
		struct mapping_lines lines;

		mapping_find_lines(place->here, mapping, place->crypttab, &lines);
		if (lines.any && !lines.always && !is_mount)
			result = refuse_place(place, mapping, err);
		else if (lines.any && !lines.always && !lines.named)
			result = refuse_name(place, mapping, lines.name, err);
		free(lines.name);
	}
	return result;
}

static int check_mounts(const struct place_of_root *place, struct error *err)
{
	auto_free char *usr = xasprintf("%s/usr", strcmp(place->path, "/") == 0 ? "" : place->path);
	int result = check_mount(place, place->path, true, err);

	return result < 0 ? result : check_mount(place, usr, false, err);
}

/* As where somebody has called chroot(8) first, and this after it. */
static bool is_elsewhere(const struct host *host)
{
	struct stat root, first;

	return host_path_stat(host, "/", &root, NULL) == 0 &&
	       host_file_stat(host, HOST_PROC, &first, NULL, "1/root/.") == 0 &&
	       (root.st_dev != first.st_dev || root.st_ino != first.st_ino);
}

int generate_check_encrypted(const struct generate_host *host, const char *root, struct error *err)
{
	auto_free char *crypttab = NULL, *path = NULL;
	struct place_of_root place = {.here = host->here, .root = root};
	struct host here;
	int result;

	if (!root && is_elsewhere(&host->host))
		place.root = root = "/";
	if (!root || !has_hook(&host->host) || !undo_builds_images(host))
		return 0;
	result = host_path_read(&host->host, CRYPTTAB, CRYPTTAB_MAX, &crypttab, NULL, err);
	if (result == -ENOENT || (result == 0 && !mappings_in_crypttab(crypttab)))
		return 0;
	if (result < 0)
		return result;
	path = realpath(root, NULL);
	if (!path)
		return error_errno(err, errno, "look at %s", root);
	place.path = path;
	place.crypttab = crypttab;
	if (place.here)
		return check_mounts(&place, err);
	result = host_open(&here, "/", NULL, NULL, err);
	if (result < 0)
		return result;
	place.here = &here;
	result = check_mounts(&place, err);
	host_close(&here);
	return result;
}
