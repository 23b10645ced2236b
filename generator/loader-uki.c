// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unified kernel images: the command line is inside, and often signed with the rest.
 * Tests: unit/test-by-hand.c.
 */
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	by_hand_unified(request, entry, draft);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	if (!request->words && request->choice_count == 0)
		by_hand_rebuild(request, draft);
	else
		by_hand_plan(
			request, LOADER_UKI,
			"the command line is inside the kernel images, which others build and sign",
			tell, draft);
}

const struct loader_adapter adapter_uki = {
	.loader = LOADER_UKI, .carries_images = true, .plan = plan};
