// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which file systems the host cannot run without, and which mounts stand on which others: overlays
 * on their layers, images by way of a loop device on the file system of their file, folders that
 * are shown once more on those that they are in. Tests: unit/test-remotes.c, model/test-cases.c.
 */
#include "parsers/storage/bases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/peers.h"
#include "parsers/storage/real-path.h"

struct tree {
	const struct host *host;
	const struct backings *backings;
	const struct loops *loops;
	struct bases bases;
};

void bases_done(struct bases *bases)
{
	free(bases->of_mounts);
	memset(bases, 0, sizeof(*bases));
}

/* Without these the host does not run, or nobody can work on it. */
static bool is_needed(const char *target)
{
	static const char *const names[] = {
		"/",          "/usr",  "/etc", "/var",   "/var/lib",   "/var/log",
		"/home",      "/root", "/nix", "/gnu",   "/nix/store", "/bin",
		"/gnu/store", "/sbin", "/lib", "/lib64", "/sysroot",   "/ostree",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(target, names[i]) == 0)
			return true;
	return false;
}

/* --- what a mount stands on --- */

static void mark(struct tree *tree, size_t mount, const struct base *base);

static const struct mount *mount_at(const struct tree *tree, size_t mount)
{
	return &tree->backings->mounts.mounts[mount];
}

/* The mount that a path of the one that stands on it lies on. */
static void mark_path(struct tree *tree, size_t upper, const char *path, const struct base *base)
{
	size_t lower = mounts_find(&tree->backings->mounts, path, upper);

	if (lower != MOUNT_NONE)
		mark(tree, lower, base);
	else if (base->root)
		tree->bases.hidden = true;
}

/* "\072" and the like become what they stand for, and "\:" a colon that separates nothing. */
static char *next_layer(char **rest)
{
	char *from = *rest, *to = from, *layer = from;
	unsigned int byte;

	if (!from)
		return NULL;
	while (*from && *from != ':') {
		if (from[0] == '\\' && sscanf(from + 1, "%3o", &byte) == 1 && from[1] && from[2] &&
		    from[3]) {
			*to++ = (char)byte;
			from += 4;
		} else {
			from += from[0] == '\\' && from[1];
			*to++ = *from++;
		}
	}
	*rest = *from ? from + 1 : NULL;
	*to = '\0';
	return layer;
}

/* layers: separated by colons; taken apart. */
static void mark_layers(struct tree *tree, size_t upper, char *layers, const struct base *base)
{
	char *layer;

	while ((layer = next_layer(&layers)))
		if (*layer == '/')
			mark_path(tree, upper, layer, base);
		else if (*layer && base->root)
			tree->bases.hidden = true;
}

static void mark_overlay(struct tree *tree, size_t upper, const struct base *base)
{
	static const char *const keys[] = {
		"lowerdir=", "lowerdir+=", "datadir+=", "upperdir=", "workdir="};
	auto_free char *options = xstrdup(mount_at(tree, upper)->options);
	char *rest = options, *option;

	while ((option = strsep(&rest, ",")))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (text_starts(option, keys[i]))
				mark_layers(tree, upper, option + strlen(keys[i]), base);
}

/* Is it the loop device, or does it stand on it? */
static bool stands_on(const struct tree *tree, size_t mount, const struct loop *loop)
{
	cleanup(block_stack_done) struct block_stack stack = {0};

	if (block_stack_read(tree->host, loop->name, tree->loops, &stack, NULL) < 0)
		return false;
	for (size_t i = 0; i < stack.count; i++)
		if (backing_has(&tree->backings->of_mounts[mount], stack.blocks[i].device))
			return true;
	return false;
}

static void mark_files(struct tree *tree, size_t upper, const struct base *base)
{
	for (size_t i = 0; i < tree->loops->count; i++) {
		const struct loop *loop = &tree->loops->loops[i];

		if (loop->file && stands_on(tree, upper, loop))
			mark_path(tree, upper, loop->file, base);
	}
}

static void mark_lowers(struct tree *tree, size_t upper, const struct base *base)
{
	const struct mount *mount = mount_at(tree, upper);
	auto_free char *source = xstrdup(mount->source);

	if (text_equal(mount->type, "overlay"))
		mark_overlay(tree, upper, base);
	else if (major(mount->device) == 0 && source[0] == '/' && source[1] != '/' &&
		 !text_starts(source, "/dev/"))
		/* ecryptfs, bindfs, gocryptfs; mergerfs names several. */
		mark_layers(tree, upper, source, base);
	if (tree->backings->of_mounts[upper].count > 0)
		mark_files(tree, upper, base);
}

/* What is marked already ends it: layers may lead in a ring. */
static void mark(struct tree *tree, size_t mount, const struct base *base)
{
	struct base *marked = &tree->bases.of_mounts[mount], added = {0};

	if (base->root && !marked->root)
		marked->root = added.root = base->root;
	if (base->image && !marked->image)
		marked->image = added.image = base->image;
	if (added.root || added.image)
		mark_lowers(tree, mount, &added);
}

/* --- what stands on mounts --- */

static void mark_roots(struct tree *tree)
{
	const struct mounts *mounts = &tree->backings->mounts;

	for (size_t i = 0; i < mounts->count; i++) {
		struct base base = {.root = mounts->mounts[i].target};

		if (is_needed(mounts->mounts[i].target))
			mark(tree, i, &base);
	}
	/* What is swapped out to a file is lost with it, and with that what runs. */
	for (size_t i = 0; i < mounts->swap_count; i++) {
		struct base base = {.root = mounts->swaps[i]};
		size_t mount = mounts_find(mounts, mounts->swaps[i], MOUNT_NONE);

		if (tree->backings->of_swaps[i].count == 0 && mount != MOUNT_NONE)
			mark(tree, mount, &base);
	}
}

/*
 * A live system was put together before its root was there, from paths that are no more: its layers
 * are images of this sort.
 */
static void mark_hidden(struct tree *tree)
{
	static const struct base base = {.root = "/"};

	for (size_t i = 0; tree->bases.hidden && i < tree->backings->mounts.count; i++) {
		const char *type = mount_at(tree, i)->type;

		if (text_equal(type, "squashfs") || text_equal(type, "erofs"))
			mark(tree, i, &base);
	}
}

static bool is_remote(const struct tree *tree, size_t mount)
{
	auto_peers struct peers peers = {0};

	return peers_of_mount(tree->host, mount_at(tree, mount), &peers);
}

static bool any_is_remote(const struct tree *tree)
{
	for (size_t i = 0; i < tree->backings->mounts.count; i++)
		if (is_remote(tree, i))
			return true;
	return false;
}

/* A file on a file system of this machine itself. */
static bool may_follow(const struct tree *tree, const char *image)
{
	size_t mount = mounts_find(&tree->backings->mounts, image, MOUNT_NONE);

	return image[0] == '/' && !text_starts(image, "/dev/") && mount != MOUNT_NONE &&
	       !is_remote(tree, mount);
}

/*
 * The images' paths, "" for what is no file. Links are followed only where they may lead to another
 * machine, and never on one.
 */
static char **image_paths(const struct tree *tree, const struct guest *guest)
{
	char **paths = xcalloc(guest->image_count + 1, sizeof(*paths));

	for (size_t i = 0; i < guest->image_count; i++)
		paths[i] = xstrdup(may_follow(tree, guest->images[i]) ? guest->images[i] : "");
	if (guest->image_count > 0 && any_is_remote(tree))
		real_paths_follow(tree->host, paths, guest->image_count);
	for (size_t i = 0; i < guest->image_count; i++) {
		if (*paths[i] || guest->images[i][0] != '/' ||
		    text_starts(guest->images[i], "/dev/"))
			continue;
		free(paths[i]);
		paths[i] = xstrdup(guest->images[i]);
	}
	return paths;
}

static void mark_images(struct tree *tree, const struct guest *guest)
{
	cleanup(host_free_names) char **paths = image_paths(tree, guest);

	for (size_t i = 0; i < guest->image_count; i++) {
		struct base base = {.image = guest->images[i]};
		size_t mount = mounts_find(&tree->backings->mounts, paths[i], MOUNT_NONE);

		if (*paths[i] && mount != MOUNT_NONE)
			mark(tree, mount, &base);
	}
}

void bases_read(const struct host *host, const struct guest *guest, const struct backings *backings,
		const struct loops *loops, struct bases *ret)
{
	struct tree tree = {.host = host, .backings = backings, .loops = loops};

	tree.bases.of_mounts = xcalloc(backings->mounts.count + 1, sizeof(*tree.bases.of_mounts));
	mark_roots(&tree);
	mark_hidden(&tree);
	mark_images(&tree, guest);
	*ret = tree.bases;
}
