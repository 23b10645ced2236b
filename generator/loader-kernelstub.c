// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernelstub (Pop!_OS): it keeps two entries and the words of both, and leaves files of other names
 * alone. Tests: generator/previews.bats.
 */
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	if (entry->title) {
		by_hand_copy_entry(request, entry, "-hostdev-", draft);
		return;
	}
	draft_tell_by_hand(draft, "kernelstub -a '%s'", entry->words);
	draft_tell_by_hand(draft,
			   "To take them back (the other words may come into another order):");
	draft_tell_by_hand(draft, "kernelstub -d '%s'", entry->words);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_KERNELSTUB, "kernelstub keeps its entries", tell, draft);
}

const struct loader_adapter adapter_kernelstub = {.loader = LOADER_KERNELSTUB, .plan = plan};
