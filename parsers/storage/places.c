// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which block devices a mount, a swap space or a path lies on: by the numbers of mountinfo, by the
 * names of sources where a file system has no number of a device, by mount points for files.
 */
#include "parsers/storage/places.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/blocks.h"

void place_done(struct place *place)
{
	free(place->devices);
	memset(place, 0, sizeof(*place));
}

void place_add(struct place *place, dev_t device)
{
	array_push(place->devices, place->count, device);
}

bool place_has(const struct place *place, dev_t device)
{
	for (size_t i = 0; i < place->count; i++)
		if (place->devices[i] == device)
			return true;
	return false;
}

static void free_all(struct place *places, size_t count)
{
	for (size_t i = 0; places && i < count; i++)
		place_done(&places[i]);
	free(places);
}

void places_done(struct places *places)
{
	free_all(places->of_mounts, places->mounts.count);
	free_all(places->of_swaps, places->mounts.swap_count);
	free_all(places->of_images, places->image_count);
	mounts_done(&places->mounts);
	memset(places, 0, sizeof(*places));
}

/* False when the path leads to no block device. */
static bool place_node(const struct host *host, const char *path, struct place *place)
{
	dev_t device;

	if (!block_resolve(host, path, &device))
		return false;
	place_add(place, device);
	return true;
}

/*
 * A file system that spans devices has a number of its own (major 0) and names one of them as its
 * source (btrfs), or all with colons between (bcachefs).
 */
void place_mount(const struct host *host, const struct mount *mount, struct place *place)
{
	auto_free char *sources = xstrdup(mount->source);
	char *rest = sources, *source;

	if (major(mount->device) != 0) {
		place_add(place, mount->device);
		return;
	}
	/* Names that udev makes ("by-path") may have colons themselves. */
	if (place_node(host, mount->source, place))
		return;
	while ((source = strsep(&rest, ":")))
		place_node(host, source, place);
}

static void place_file(const struct places *places, const char *path, struct place *place)
{
	size_t mount = mounts_find(&places->mounts, path, MOUNT_NONE);

	if (mount == MOUNT_NONE)
		return;
	for (size_t i = 0; i < places->of_mounts[mount].count; i++)
		place_add(place, places->of_mounts[mount].devices[i]);
}

int places_read(const struct host *host, const struct guest *guest, struct places *ret,
		struct error *err)
{
	struct places places = {.image_count = guest->image_count};
	int result = mounts_read(host, &places.mounts, err);

	if (result < 0)
		return result;
	places.of_mounts = xcalloc(places.mounts.count + 1, sizeof(*places.of_mounts));
	places.of_swaps = xcalloc(places.mounts.swap_count + 1, sizeof(*places.of_swaps));
	places.of_images = xcalloc(places.image_count + 1, sizeof(*places.of_images));
	for (size_t i = 0; i < places.mounts.count; i++)
		place_mount(host, &places.mounts.mounts[i], &places.of_mounts[i]);
	/* A swap file lies on something mounted, which is reason enough. */
	for (size_t i = 0; i < places.mounts.swap_count; i++)
		place_node(host, places.mounts.swaps[i], &places.of_swaps[i]);
	for (size_t i = 0; i < places.image_count; i++)
		if (!place_node(host, guest->images[i], &places.of_images[i]))
			place_file(&places, guest->images[i], &places.of_images[i]);
	*ret = places;
	return 0;
}
