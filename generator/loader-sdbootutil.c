// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sdbootutil (openSUSE): it writes the options of every entry anew, ours included, from
 * /etc/kernel/cmdline and the files of /etc/kernel/cmdline.d. Tests: generator/previews.bats.
 */
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	(void)request;
	if (entry->title) {
		by_hand_type(entry, "sdbootutil gives all entries the same words", draft);
		return;
	}
	draft_tell_by_hand(draft, "mkdir -p /etc/kernel/cmdline.d");
	draft_tell_by_hand(draft, "echo '%s' > /etc/kernel/cmdline.d/hostdev-hook.conf",
			   entry->words);
	draft_tell_by_hand(draft, "sdbootutil update-all-entries");
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	if (!request->words && request->choice_count == 0) {
		draft_tell_by_hand(draft, "The images that are started are copies, which "
					  "sdbootutil makes. Afterwards run:");
		draft_tell_by_hand(draft, "sdbootutil mkinitrd");
		return;
	}
	by_hand_plan(request, LOADER_SDBOOTUTIL, "sdbootutil writes all of its entries", tell,
		     draft);
}

const struct loader_adapter adapter_sdbootutil = {
	.loader = LOADER_SDBOOTUTIL, .carries_images = true, .plan = plan};
