// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which uses of a device an admin may lift, and by which word.
 */
#include "model/use.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static const char *const allow_names[USE_KINDS] = {
	[USE_DEFAULT_ROUTE] = "default-route",
	[USE_SSH] = "ssh",
	[USE_UPPER] = "upper-interface",
	[USE_NETWORK_ROOT] = "network-root",
	[USE_NETWORK_MOUNT] = "network-mount",
	[USE_NETNS] = "hidden-interface",
	[USE_KEYBOARD] = "only-keyboard",
	[USE_CONSOLE] = "console",
	[USE_IGPU] = "igpu",
	[USE_CHIPSET] = "chipset",
	[USE_HUNG_TASK] = "hung-task-panic",
};

void use_drop_ways(struct use *use)
{
	for (size_t i = 0; i < use->way_count; i++)
		outlet_done(&use->ways[i]);
	free(use->ways);
	use->ways = NULL;
	use->way_count = 0;
}

void use_done(struct use *use)
{
	use_drop_ways(use);
	free(use->what);
	free(use->how);
	memset(use, 0, sizeof(*use));
}

static const char *const other_names[USE_KINDS] = {
	[USE_MOUNT] = "mount",           [USE_SWAP] = "swap",       [USE_STACKED] = "stacked",
	[USE_MEMBER] = "member",         [USE_CLAIMED] = "claimed", [USE_IMAGE] = "image",
	[USE_UNREADABLE] = "unreadable", [USE_NVIDIA] = "nvidia",   [USE_EXPORTED] = "exported",
	[USE_MEDIATED] = "mediated",     [USE_MEMORY] = "memory",   [USE_WATCHDOG] = "watchdog",
	[USE_LOGIN] = "login",           [USE_LINE] = "line-login",
};

bool use_is_storage(enum use_kind kind)
{
	return kind <= USE_EXPORTED;
}

const char *use_kind_name(enum use_kind kind)
{
	return allow_names[kind] ? allow_names[kind] : other_names[kind];
}

const char *use_allow_name(enum use_kind kind)
{
	return allow_names[kind];
}

bool use_allow_parse(const char *name, size_t length, enum use_kind *ret)
{
	int found = text_find(allow_names, USE_KINDS, name, length);

	if (found >= 0)
		*ret = (enum use_kind)found;
	return found >= 0;
}

/* --- gravity --- */

static const struct base {
	const char *path;
	unsigned int rank;
} bases[] = {{"/boot", 1}, {"/efi", 1}, {"/usr", 2}, {"/var", 3}, {"/home", 4}};

#define RANK_SWAP 5
#define RANK_MOUNT 6
#define RANK_OTHERS 7

static bool is_at_or_below(const char *target, const char *path)
{
	size_t length = strlen(path);

	return strncmp(target, path, length) == 0 &&
	       (target[length] == '\0' || target[length] == '/');
}

unsigned int use_mount_rank(const char *target)
{
	if (strcmp(target, "/") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++)
		if (is_at_or_below(target, bases[i].path))
			return bases[i].rank;
	return RANK_MOUNT;
}

unsigned int use_rank(enum use_kind kind, const char *how)
{
	static const char words[] = "mounted on ";
	const char *place = how ? strstr(how, words) : NULL;
	auto_free char *target = NULL;

	if (kind == USE_SWAP)
		return RANK_SWAP;
	if (kind != USE_MOUNT)
		return RANK_OTHERS + (unsigned int)kind;
	if (!place)
		return RANK_MOUNT;
	place += strlen(words);
	target = xasprintf("%.*s", (int)strcspn(place, ", "), place);
	return use_mount_rank(target);
}
