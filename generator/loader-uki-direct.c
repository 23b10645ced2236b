// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unified kernel images that the firmware starts: there is no menu but the firmware's own.
 */
#include "base/cleanup.h"
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	auto_free char *path = by_hand_unified_path(request->facts->boot, entry);

	by_hand_unified(request, entry, draft);
	if (entry->title)
		draft_tell_by_hand(draft, "kernel-bootcfg --add-uki '%s' --title '%s'", path,
				   entry->title);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(
		request, LOADER_UKI_DIRECT,
		"the firmware starts the kernel images itself, and their command line is inside",
		tell, draft);
}

const struct loader_adapter adapter_uki_direct = {.loader = LOADER_UKI_DIRECT, .plan = plan};
