// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which set-ups are struck, over which others, on which hosts.
 */
#include "tests/model/setup-pairs.h"

#include "hostdevctl/command.h"
#include "tests/host/check.h"

const struct pair pairs[PAIRS] = {
	{WORLD_GRUB, -1, WISH_STATIC},
	{WORLD_GRUB, -1, WISH_IDS},
	{WORLD_GRUB_OLD, -1, WISH_DEFAULT},
	{WORLD_GRUB_OLD, WISH_STATIC, WISH_MENU},
	{WORLD_GRUB, WISH_MENU, WISH_CONF},
	{WORLD_ENTRIES, -1, WISH_MENU},
	{WORLD_ENTRIES, WISH_MENU, WISH_STATIC},
	{WORLD_ENTRIES_BARE, -1, WISH_STATIC},
	{WORLD_ENTRIES_BARE, WISH_STATIC, WISH_MENU},
	{WORLD_ENTRIES_BARE, WISH_STATIC, WISH_IOMMU},
};

struct world *pair_begin(const struct pair *pair)
{
	struct world *world = world_new(pair->kind);

	if (pair->first >= 0)
		assert_int_equal(world_generate(world, (enum world_wish)pair->first, NULL),
				 COMMAND_DONE);
	return world;
}

int pair_count(const struct pair *pair, int (*counted)(const struct world *world), bool of_undo)
{
	auto_world struct world *world = pair_begin(pair);

	assert_int_equal(world_generate(world, pair->wish, NULL), COMMAND_DONE);
	if (of_undo)
		assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
	return counted(world);
}
