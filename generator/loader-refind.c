// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rEFInd: beside each kernel a file with the words of its entries, one entry a line.
 * Tests: unit/test-menu.c.
 */
#include "base/cleanup.h"
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	auto_free char *cmdline = by_hand_cmdline(request->facts->boot);

	draft_tell_by_hand(draft, "A line %s of /boot/refind_linux.conf:",
			   entry->title ? "at the end" : "in the place of the first");
	draft_tell_by_hand(draft, "\"%s\" \"%s %s\"",
			   entry->title ? entry->title : "Boot with standard options", cmdline,
			   entry->words);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_REFIND, "its entries stand in files that others write", tell,
		     draft);
}

const struct loader_adapter adapter_refind = {.loader = LOADER_REFIND, .plan = plan};
