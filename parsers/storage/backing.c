// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which block devices a mount, a swap space or a path lies on: by the numbers of mountinfo, by the
 * names of sources where a file system has no number of a device, by mount points for files.
 * Tests: unit/test-storage.c, unit/test-remotes.c.
 */
#include "parsers/storage/backing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/blocks.h"

void backing_done(struct backing *backing)
{
	free(backing->devices);
	memset(backing, 0, sizeof(*backing));
}

void backing_add(struct backing *backing, dev_t device)
{
	array_push(backing->devices, backing->count, device);
}

bool backing_has(const struct backing *backing, dev_t device)
{
	for (size_t i = 0; i < backing->count; i++)
		if (backing->devices[i] == device)
			return true;
	return false;
}

static void free_all(struct backing *backings, size_t count)
{
	for (size_t i = 0; backings && i < count; i++)
		backing_done(&backings[i]);
	free(backings);
}

void backings_done(struct backings *backings)
{
	free_all(backings->of_mounts, backings->mounts.count);
	free_all(backings->of_swaps, backings->mounts.swap_count);
	free_all(backings->of_images, backings->image_count);
	mounts_done(&backings->mounts);
	memset(backings, 0, sizeof(*backings));
}

/* False when the path leads to no block device. */
static bool place_node(const struct host *host, const char *path, struct backing *backing)
{
	dev_t device;

	if (!block_resolve(host, path, &device))
		return false;
	backing_add(backing, device);
	return true;
}

/*
 * A file system that spans devices has a number of its own (major 0) and names one of them as its
 * source (btrfs), or all with colons between (bcachefs).
 */
void backing_mount(const struct host *host, const struct mount *mount, struct backing *backing)
{
	auto_free char *sources = xstrdup(mount->source);
	char *rest = sources, *source;

	if (major(mount->device) != 0) {
		backing_add(backing, mount->device);
		return;
	}
	/* Names that udev makes ("by-path") may have colons themselves. */
	if (place_node(host, mount->source, backing))
		return;
	while ((source = strsep(&rest, ":")))
		place_node(host, source, backing);
}

static void place_file(const struct backings *backings, const char *path, struct backing *backing)
{
	size_t mount = mounts_find(&backings->mounts, path, MOUNT_NONE);

	if (mount == MOUNT_NONE)
		return;
	for (size_t i = 0; i < backings->of_mounts[mount].count; i++)
		backing_add(backing, backings->of_mounts[mount].devices[i]);
}

int backings_read(const struct host *host, const struct guest *guest, struct backings *ret,
		  struct error *err)
{
	struct backings backings = {.image_count = guest->image_count};
	int result = mounts_read(host, &backings.mounts, err);

	if (result < 0)
		return result;
	backings.of_mounts = xcalloc(backings.mounts.count + 1, sizeof(*backings.of_mounts));
	backings.of_swaps = xcalloc(backings.mounts.swap_count + 1, sizeof(*backings.of_swaps));
	backings.of_images = xcalloc(backings.image_count + 1, sizeof(*backings.of_images));
	for (size_t i = 0; i < backings.mounts.count; i++)
		backing_mount(host, &backings.mounts.mounts[i], &backings.of_mounts[i]);
	/* A swap file lies on something mounted, which is reason enough. */
	for (size_t i = 0; i < backings.mounts.swap_count; i++)
		place_node(host, backings.mounts.swaps[i], &backings.of_swaps[i]);
	for (size_t i = 0; i < backings.image_count; i++)
		if (!place_node(host, guest->images[i], &backings.of_images[i]))
			place_file(&backings, guest->images[i], &backings.of_images[i]);
	*ret = backings;
	return 0;
}
