// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What being in use means for a disk: which mounts, swap, stacked devices and images of the guest
 * lie on it or on any part of it, and that what cannot be found out counts as in use.
 */
#include "parsers/storage.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/blocks.h"
#include "parsers/disk-claims.h"

#define MOUNTS_NAMED 3

struct reader {
	const struct host *host;
	const struct guest *guest;
	const struct places *places;
	const struct loops *loops;
	const struct bases *bases; /* NULL: what the host runs from is not asked */
};

/* --- the uses of one disk --- */

/* What stands on the disk, or the disk itself. */
struct layer {
	struct disk *disk;
	const char *part;          /* the disk or partition that all this stands on */
	const struct block *block; /* where in the stack */
	bool stacked;
};

/* The name for people is that of /dev: "/" for the "!" of sysfs. */
static char *node_name(const char *name)
{
	char *node = xstrdup(name);

	for (char *mark = node; (mark = strchr(mark, '!'));)
		*mark = '/';
	return node;
}

/* how: heap, taken over. */
static struct disk_use *add_disk_use(struct disk *disk, enum use_kind kind, char *part, char *how)
{
	disk->used = true;
	disk->uses = array_grow(disk->uses, disk->use_count, sizeof(*disk->uses));
	disk->uses[disk->use_count] = (struct disk_use){.kind = kind, .part = part, .how = how};
	return &disk->uses[disk->use_count++];
}

/* how: heap, taken over. */
static struct disk_use *add_use(struct reader *reader, const struct layer *layer,
				enum use_kind kind, char *how)
{
	auto_free char *words = how, *label = NULL;

	if (layer->stacked)
		label = block_label(reader->host, layer->block->name);
	return add_disk_use(layer->disk, kind, node_name(layer->part),
			    label ? xasprintf("%s, by way of %s", words, label) : steal(&words));
}

static void name_mount(struct text *text, size_t index, const char *target)
{
	auto_free char *shown = text_escape(target);

	if (index < MOUNTS_NAMED)
		text_printf(text, "%s%s", index ? ", " : "", shown);
}

static void add_image(struct reader *reader, const struct layer *layer, const char *path)
{
	auto_free char *image = text_escape(path);

	add_use(reader, layer, USE_IMAGE, xasprintf("carries the image %s of this guest", image));
}

static void read_mounts(struct reader *reader, const struct layer *layer)
{
	const struct mounts *mounts = &reader->places->mounts;
	auto_text struct text targets = TEXT_INIT;
	bool root = false;
	size_t count = 0;

	for (size_t i = 0; i < mounts->count; i++) {
		if (!place_has(&reader->places->of_mounts[i], layer->block->device))
			continue;
		name_mount(&targets, count++, mounts->mounts[i].target);
		root |= reader->bases && reader->bases->of_mounts[i].root;
		if (reader->bases && reader->bases->of_mounts[i].image)
			add_image(reader, layer, reader->bases->of_mounts[i].image);
	}
	if (count == 0)
		return;
	if (count > MOUNTS_NAMED)
		text_printf(&targets, " and %zu more", count - MOUNTS_NAMED);
	add_use(reader, layer, USE_MOUNT, xasprintf("mounted on %s", targets.data))->root = root;
}

static void read_swaps(struct reader *reader, const struct layer *layer)
{
	for (size_t i = 0; i < reader->places->mounts.swap_count; i++)
		if (place_has(&reader->places->of_swaps[i], layer->block->device))
			add_use(reader, layer, USE_SWAP, xstrdup("swap"))->root = true;
}

static void read_images(struct reader *reader, const struct layer *layer)
{
	for (size_t i = 0; i < reader->guest->image_count; i++)
		if (place_has(&reader->places->of_images[i], layer->block->device))
			add_image(reader, layer, reader->guest->images[i]);
}

/* The devices of one mounted btrfs; sysfs has a folder for it only while it is mounted. */
static int read_btrfs(struct reader *reader, const char *uuid, struct place *ret, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int result =
		host_list(reader->host, HOST_SYS, &names, NULL, err, "fs/btrfs/%s/devices", uuid);

	/* "features" beside the file systems has none; no disk behind a name: it is missing. */
	for (size_t i = 0; result == 0 && names[i]; i++) {
		auto_free char *path = xasprintf("/dev/%s", names[i]);
		dev_t device;

		if (block_resolve(reader->host, path, &device))
			place_add(ret, device);
	}
	return result == -ENOENT ? 0 : result;
}

/* Where something with these devices is mounted; NULL where that is not to be seen from here. */
static const char *target_of(const struct reader *reader, const struct place *devices)
{
	const struct places *places = reader->places;

	for (size_t i = 0; i < places->mounts.count; i++)
		for (size_t j = 0; j < places->of_mounts[i].count; j++)
			if (place_has(devices, places->of_mounts[i].devices[j]))
				return places->mounts.mounts[i].target;
	return NULL;
}

static void add_member(struct reader *reader, const struct layer *layer, const char *uuid,
		       const struct place *members)
{
	const char *target = target_of(reader, members);
	auto_free char *shown = text_escape(target ? target : uuid);

	add_use(reader, layer, USE_MEMBER,
		target ? xasprintf("member of the btrfs mounted on %s", shown)
		       : xasprintf("member of the btrfs %s, which is mounted elsewhere", shown));
}

/* The one device that the mount names is told of as mounted. */
static int read_members(struct reader *reader, const struct layer *layer, struct error *err)
{
	dev_t device = layer->block->device;
	const struct place self = {.devices = &device, .count = 1};
	cleanup(host_free_names) char **uuids = NULL;
	int result = host_list(reader->host, HOST_SYS, &uuids, NULL, err, "fs/btrfs");

	if (result == -ENOENT || target_of(reader, &self))
		return 0;
	for (size_t i = 0; result == 0 && uuids[i]; i++) {
		cleanup(place_done) struct place members = {0};

		result = read_btrfs(reader, uuids[i], &members, err);
		if (result == 0 && place_has(&members, layer->block->device))
			add_member(reader, layer, uuids[i], &members);
	}
	return result;
}

/* A disk or one of its partitions, with all that stands on it. */
static int read_part(struct reader *reader, struct disk *disk, const char *part, struct error *err)
{
	cleanup(block_stack_done) struct block_stack stack = {0};
	int ret = block_stack_read(reader->host, part, reader->loops, &stack, err);

	for (size_t i = 0; ret == 0 && i < stack.count; i++) {
		struct layer layer = {disk, part, &stack.blocks[i], i > 0};

		read_mounts(reader, &layer);
		read_swaps(reader, &layer);
		read_images(reader, &layer);
		ret = read_members(reader, &layer, err);
	}
	for (size_t i = 1; ret == 0 && i <= stack.direct; i++) {
		struct layer layer = {disk, part, &stack.blocks[i], false};
		auto_free char *label = block_label(reader->host, stack.blocks[i].name);

		add_use(reader, &layer, USE_STACKED, xasprintf("part of %s", label));
	}
	return ret;
}

static int read_disk(struct reader *reader, struct disk *disk, struct error *err)
{
	cleanup(host_free_names) char **parts = NULL;
	int ret = block_partitions(reader->host, disk->name, &parts, err);

	if (ret == 0)
		ret = read_part(reader, disk, disk->name, err);
	for (size_t i = 0; ret == 0 && parts[i]; i++)
		ret = read_part(reader, disk, parts[i], err);
	return ret;
}

static void add_unreadable(struct disk *disk, const struct error *why)
{
	bool root = why->code == EACCES || why->code == EPERM;

	add_disk_use(disk, USE_UNREADABLE, xstrdup(disk->node),
		     root ? xasprintf("whether it is in use only root can find out (%s)", why->text)
			  : xasprintf("whether it is in use cannot be found out: %s", why->text));
}

/* --- the kernel's own word --- */

/* Only of disks without evidence: claimed is what the others are anyway. */
static void read_claims(const struct host *host, struct disks *disks)
{
	disk_claims_read(host, disks);
	for (size_t i = 0; i < disks->count; i++) {
		struct disk *disk = &disks->disks[i];

		if (disk->verdict == DISK_UNKNOWN)
			add_unreadable(disk, &disk->error);
		if (disk->verdict == DISK_CLAIMED)
			add_disk_use(disk, USE_CLAIMED, xstrdup(disk->node),
				     xstrdup("claimed by the kernel (a mount in another "
					     "namespace, ZFS, RAID?)"));
	}
}

void storage_read_disks(const struct host *host, const struct guest *guest,
			const struct places *places, const struct loops *loops,
			const struct bases *bases, struct disks *disks)
{
	struct reader reader = {host, guest, places, loops, bases};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < disks->count; i++)
		if (read_disk(&reader, &disks->disks[i], &err) < 0)
			add_unreadable(&disks->disks[i], &err);
	read_claims(host, disks);
}

/* --- the disks behind devices --- */

static int read_all(const struct host *host, const struct guest *guest, struct disks *disks,
		    struct error *err)
{
	cleanup(places_done) struct places places = {0};
	cleanup(loops_done) struct loops loops = {0};
	int ret = places_read(host, guest, &places, err);

	if (ret == 0)
		ret = loops_read(host, &loops, err);
	if (ret == 0)
		storage_read_disks(host, guest, &places, &loops, NULL, disks);
	return ret;
}

static void tell(struct snapshot *snapshot, const struct disk *disk)
{
	for (size_t i = 0; i < disk->use_count; i++) {
		const struct disk_use *use = &disk->uses[i];

		snapshot_add_use(snapshot, use->kind, &disk->addr, xstrdup(use->part),
				 xasprintf("%s%s", use->how,
					   disk->perhaps ? " (perhaps over this adapter)" : ""));
	}
}

int storage_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err)
{
	cleanup(disks_done) struct disks disks = {0};
	struct error why = ERROR_INIT;
	int ret = disks_read(host, snapshot, &disks, err);

	if (ret < 0 || disks.count == 0)
		return ret;
	if (read_all(host, guest, &disks, &why) < 0)
		for (size_t i = 0; i < disks.count; i++)
			add_unreadable(&disks.disks[i], &why);
	for (size_t i = 0; i < disks.count; i++)
		tell(snapshot, &disks.disks[i]);
	return 0;
}
