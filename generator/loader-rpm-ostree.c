// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rpm-ostree: words belong to a deployment, and are set in one transaction.
 * Tests: generator/previews.bats.
 */
#include "base/cleanup.h"
#include "generator/by-hand.h"
#include "generator/words.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	auto_text struct text append = TEXT_INIT, delete = TEXT_INIT;

	(void)request;
	if (entry->title) {
		by_hand_type(entry, "a deployment has one entry", draft);
		return;
	}
	words_each(entry->words, " --append-if-missing=", "", &append);
	words_each(entry->words, " --delete-if-present=", "", &delete);
	draft_tell_by_hand(draft, "rpm-ostree kargs%s", append.data);
	draft_tell_by_hand(draft, "To take them back:");
	draft_tell_by_hand(draft, "rpm-ostree kargs%s", delete.data);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_OSTREE,
		     "its entries belong to deployments, which rpm-ostree makes", tell, draft);
}

const struct loader_adapter adapter_rpm_ostree = {.loader = LOADER_OSTREE, .plan = plan};
