// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bootc: words belong to a deployment; newer versions keep them by who has set them.
 * Tests: generator/previews.bats.
 */
#include "base/cleanup.h"
#include "generator/by-hand.h"
#include "generator/words.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	auto_text struct text list = TEXT_INIT;

	(void)request;
	if (entry->title) {
		by_hand_type(entry, "a deployment has one entry", draft);
		return;
	}
	words_each(entry->words, ", \"", "\"", &list);
	draft_tell_by_hand(
		draft,
		"bootc loader-entries set-options-for-source --source hostdev-hook --options "
		"'%s'",
		entry->words);
	draft_tell_by_hand(
		draft, "To take them back, the same without --options. Where bootc does not know "
		       "this command, the words go into the image it is made of, into a file of "
		       "/usr/lib/bootc/kargs.d:");
	draft_tell_by_hand(draft, "kargs = [%s]", list.data + (list.length > 0 ? 2 : 0));
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_BOOTC, "its entries belong to deployments, which bootc makes",
		     tell, draft);
}

const struct loader_adapter adapter_bootc = {.loader = LOADER_BOOTC, .plan = plan};
