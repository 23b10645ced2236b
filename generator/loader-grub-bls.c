// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB that takes its entries from loader/entries, which grubby edits; or from unified kernel
 * images, whose words are inside.
 */
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	const struct boot_grub *grub = &request->facts->boot->grub;

	if (grub->lists_images && !grub->lists_entries) {
		by_hand_unified(request, entry, draft);
		return;
	}
	if (entry->title) {
		by_hand_copy_entry(request, entry, "~hostdev", draft);
		return;
	}
	draft_tell_by_hand(draft, "grubby --update-kernel=ALL --args='%s'", entry->words);
	draft_tell_by_hand(
		draft,
		"(It writes them into /etc/kernel/cmdline and /etc/default/grub as well, for "
		"new kernels.) To take them back:");
	draft_tell_by_hand(draft, "grubby --update-kernel=ALL --remove-args='%s'", entry->words);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_GRUB_BLS,
		     "its entries are kept by others (kernel-install, grubby)", tell, draft);
}

const struct loader_adapter adapter_grub_bls = {.loader = LOADER_GRUB_BLS, .plan = plan};
