// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What being in use means for a disk: which mounts, swap, stacked devices and images of the guest
 * lie on it or on any part of it, and that what cannot be found out counts as in use.
 * Tests: unit/test-storage.c, unit/test-remote-disks.c.
 */
#include "parsers/storage/disk-uses.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/disk-claims.h"
#include "parsers/storage/exports.h"

#define MOUNTS_NAMED 3

struct disk_reader {
	const struct host *host;
	const struct guest *guest;
	const struct disk_facts *facts;
	const struct bases *bases; /* NULL: what the host runs from is not asked */
};

void disk_facts_done(struct disk_facts *facts)
{
	exports_done(&facts->exports);
	loops_done(&facts->loops);
	backings_done(&facts->backings);
}

int disk_facts_read(const struct host *host, const struct guest *guest, struct disk_facts *facts,
		    struct error *err)
{
	int ret = backings_read(host, guest, &facts->backings, err);

	return ret < 0 ? ret : loops_read(host, &facts->loops, err);
}

void disk_facts_ask_exports(const struct host *host, struct disk_facts *facts)
{
	if (!facts->exports_asked)
		facts->exports_result = exports_read(host, &facts->backings.mounts, &facts->exports,
						     &facts->exports_error);
	facts->exports_asked = true;
}

/* --- the uses of one disk --- */

/* What stands on the disk, or the disk itself. */
struct layer {
	struct disk *disk;
	const char *part;          /* the disk or partition that all this stands on */
	const struct block *block; /* where in the stack */
	bool stacked;
};

struct disk_use *disk_add_use(struct disk *disk, enum use_kind kind, char *part, char *how)
{
	disk->used = true;
	disk->uses = array_grow(disk->uses, disk->use_count, sizeof(*disk->uses));
	disk->uses[disk->use_count] = (struct disk_use){.kind = kind, .part = part, .how = how};
	return &disk->uses[disk->use_count++];
}

/* how: heap, taken over. */
static struct disk_use *add_use(struct disk_reader *reader, const struct layer *layer,
				enum use_kind kind, char *how)
{
	auto_free char *words = how, *label = NULL;

	if (layer->stacked)
		label = block_label(reader->host, layer->block->name);
	return disk_add_use(layer->disk, kind, block_node(layer->part),
			    label ? xasprintf("%s, by way of %s", words, label) : steal(&words));
}

/* Those of one file system: what the host runs from first. */
struct targets {
	const char **items; /* heap; the strings are not owned */
	size_t count;
};

static void targets_done(struct targets *targets)
{
	free(targets->items);
}

static void targets_add(struct targets *targets, const char *target)
{
	size_t at = targets->count;

	targets->items = array_grow(targets->items, targets->count, sizeof(*targets->items));
	for (; at > 0 && use_mount_rank(targets->items[at - 1]) > use_mount_rank(target); at--)
		targets->items[at] = targets->items[at - 1];
	targets->items[at] = target;
	targets->count++;
}

static char *targets_format(const struct targets *targets)
{
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < targets->count && i < MOUNTS_NAMED; i++) {
		auto_free char *shown = text_escape(targets->items[i]);

		text_printf(&text, "%s%s", i ? ", " : "", shown);
	}
	if (targets->count > MOUNTS_NAMED)
		text_printf(&text, " and %zu more", targets->count - MOUNTS_NAMED);
	return text.data;
}

static void add_image(struct disk_reader *reader, const struct layer *layer, const char *path)
{
	auto_free char *image = text_escape(path);

	add_use(reader, layer, USE_IMAGE, xasprintf("carries the image %s of this guest", image));
}

static void read_mounts(struct disk_reader *reader, const struct layer *layer)
{
	const struct mounts *mounts = &reader->facts->backings.mounts;
	cleanup(targets_done) struct targets targets = {0};
	auto_free char *words = NULL;
	bool root = false;

	for (size_t i = 0; i < mounts->count; i++) {
		if (!backing_has(&reader->facts->backings.of_mounts[i], layer->block->device))
			continue;
		targets_add(&targets, mounts->mounts[i].target);
		root |= reader->bases && reader->bases->of_mounts[i].root;
		if (reader->bases && reader->bases->of_mounts[i].image)
			add_image(reader, layer, reader->bases->of_mounts[i].image);
	}
	if (targets.count == 0)
		return;
	words = targets_format(&targets);
	add_use(reader, layer, USE_MOUNT, xasprintf("mounted on %s", words))->root = root;
}

static void read_swaps(struct disk_reader *reader, const struct layer *layer)
{
	for (size_t i = 0; i < reader->facts->backings.mounts.swap_count; i++)
		if (backing_has(&reader->facts->backings.of_swaps[i], layer->block->device))
			add_use(reader, layer, USE_SWAP, xstrdup("swap"))->root = true;
}

static void read_images(struct disk_reader *reader, const struct layer *layer)
{
	for (size_t i = 0; i < reader->facts->backings.image_count; i++)
		if (backing_has(&reader->facts->backings.of_images[i], layer->block->device))
			add_image(reader, layer, reader->guest->images[i]);
}

static void read_exports(struct disk_reader *reader, const struct layer *layer)
{
	for (size_t i = 0; i < reader->facts->exports.count; i++) {
		const struct export *export = &reader->facts->exports.all[i];

		if (export->kind == EXPORT_BLOCK && export->number == layer->block->device)
			add_use(reader, layer, USE_EXPORTED,
				xasprintf("exported by %s", export->by));
	}
}

/* The devices of one mounted btrfs; sysfs has a folder for it only while it is mounted. */
static int read_btrfs(struct disk_reader *reader, const char *uuid, struct backing *ret,
		      struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int result =
		host_list(reader->host, HOST_SYS, &names, NULL, err, "fs/btrfs/%s/devices", uuid);

	/* "features" beside the file systems has none; no disk behind a name: it is missing. */
	for (size_t i = 0; result == 0 && names[i]; i++) {
		auto_free char *path = xasprintf("/dev/%s", names[i]);
		dev_t device;

		if (block_resolve(reader->host, path, &device))
			backing_add(ret, device);
	}
	return result == -ENOENT ? 0 : result;
}

/* The mount of something with these devices; MOUNT_NONE where that is not to be seen from here. */
static size_t mount_of(const struct disk_reader *reader, const struct backing *devices)
{
	const struct backings *backings = &reader->facts->backings;

	for (size_t i = 0; i < backings->mounts.count; i++)
		for (size_t j = 0; j < backings->of_mounts[i].count; j++)
			if (backing_has(devices, backings->of_mounts[i].devices[j]))
				return i;
	return MOUNT_NONE;
}

static void add_member(struct disk_reader *reader, const struct layer *layer, const char *uuid,
		       const struct backing *members)
{
	size_t mount = mount_of(reader, members);
	bool known = mount != MOUNT_NONE;
	auto_free char *shown =
		text_escape(known ? reader->facts->backings.mounts.mounts[mount].target : uuid);
	struct disk_use *use = add_use(
		reader, layer, USE_MEMBER,
		known ? xasprintf("member of the btrfs mounted on %s", shown)
		      : xasprintf("member of the btrfs %s, which is mounted elsewhere", shown));

	use->root = known && reader->bases && reader->bases->of_mounts[mount].root;
}

/* The one device that the mount names is told of as mounted. */
static int read_members(struct disk_reader *reader, const struct layer *layer, struct error *err)
{
	dev_t device = layer->block->device;
	const struct backing self = {.devices = &device, .count = 1};
	cleanup(host_free_names) char **uuids = NULL;
	int result = host_list(reader->host, HOST_SYS, &uuids, NULL, err, "fs/btrfs");

	if (result == -ENOENT || mount_of(reader, &self) != MOUNT_NONE)
		return 0;
	for (size_t i = 0; result == 0 && uuids[i]; i++) {
		cleanup(backing_done) struct backing members = {0};

		result = read_btrfs(reader, uuids[i], &members, err);
		if (result == 0 && backing_has(&members, layer->block->device))
			add_member(reader, layer, uuids[i], &members);
	}
	return result;
}

/* A disk or one of its partitions, with all that stands on it. */
static int read_part(struct disk_reader *reader, struct disk *disk, const char *part,
		     struct error *err)
{
	cleanup(block_stack_done) struct block_stack stack = {0};
	int ret = block_stack_read(reader->host, part, &reader->facts->loops, &stack, err);

	for (size_t i = 0; ret == 0 && i < stack.count; i++) {
		struct layer layer = {disk, part, &stack.blocks[i], i > 0};

		read_mounts(reader, &layer);
		read_swaps(reader, &layer);
		read_images(reader, &layer);
		read_exports(reader, &layer);
		ret = read_members(reader, &layer, err);
	}
	for (size_t i = 1; ret == 0 && i <= stack.direct; i++) {
		struct layer layer = {disk, part, &stack.blocks[i], false};
		auto_free char *label = block_label(reader->host, stack.blocks[i].name);

		add_use(reader, &layer, USE_STACKED, xasprintf("part of %s", label));
	}
	return ret;
}

static int read_disk(struct disk_reader *reader, struct disk *disk, struct error *err)
{
	cleanup(host_free_names) char **parts = NULL;
	int ret = block_partitions(reader->host, disk->name, &parts, err);

	if (ret == 0)
		ret = read_part(reader, disk, disk->name, err);
	for (size_t i = 0; ret == 0 && parts[i]; i++)
		ret = read_part(reader, disk, parts[i], err);
	return ret;
}

void disk_add_unreadable(struct disk *disk, const struct error *why)
{
	bool root = why->code == EACCES || why->code == EPERM;

	disk_add_use(disk, USE_UNREADABLE, xstrdup(disk->node),
		     root ? xasprintf("may be in use, which only root can find out (%s)", why->text)
			  : xasprintf("may be in use, which cannot be found out: %s", why->text));
}

/* The kernel has it open all the same, and it may be this disk. */
static void add_gone(const struct exports *exports, struct disk *disk)
{
	struct error why = ERROR_INIT;

	for (size_t i = 0; !disk->used && i < exports->count; i++) {
		const struct export *export = &exports->all[i];

		if (export->kind != EXPORT_GONE)
			continue;
		error_set(&why, ENOENT, "%s exports %s, which leads nowhere now", export->by,
			  export->path);
		disk_add_unreadable(disk, &why);
	}
}

/* --- the kernel's own word --- */

/* Only of disks without evidence: claimed is what the others are anyway. */
static void read_claims(const struct host *host, struct disks *disks)
{
	disk_claims_read(host, disks);
	for (size_t i = 0; i < disks->count; i++) {
		struct disk *disk = &disks->disks[i];

		if (disk->verdict == DISK_UNKNOWN)
			disk_add_unreadable(disk, &disk->error);
		if (disk->verdict == DISK_CLAIMED)
			disk_add_use(disk, USE_CLAIMED, xstrdup(disk->node),
				     xstrdup("claimed by the kernel (a mount in another "
					     "namespace, ZFS, RAID?)"));
	}
}

void disk_uses_read(const struct host *host, const struct guest *guest, struct disk_facts *facts,
		    const struct bases *bases, struct disks *disks)
{
	struct disk_reader reader = {host, guest, facts, bases};
	struct error err = ERROR_INIT;

	disk_facts_ask_exports(host, facts);
	for (size_t i = 0; i < disks->count; i++) {
		struct disk *disk = &disks->disks[i];

		if (read_disk(&reader, disk, &err) < 0)
			disk_add_unreadable(disk, &err);
		if (facts->exports_result < 0 && !disk->used)
			disk_add_unreadable(disk, &facts->exports_error);
		add_gone(&facts->exports, disk);
	}
	read_claims(host, disks);
}
