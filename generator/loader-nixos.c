// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NixOS: everything is said in its configuration, and a choice in the menu is a specialisation.
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
	words_each(entry->words, " \"", "\"", &list);
	draft_tell_by_hand(draft, "Put into the configuration, and run \"nixos-rebuild boot\":");
	draft_tell_by_hand(draft, "boot.initrd.kernelModules = [ \"vfio_pci\" ];");
	if (entry->title)
		draft_tell_by_hand(
			draft,
			"specialisation.hostdev-%zu.configuration.boot.kernelParams = [%s ]; "
			"# %s",
			entry->number, list.data, entry->title);
	else
		draft_tell_by_hand(draft, "boot.kernelParams = [%s ];", list.data);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_NIXOS, "the system is built from its configuration", tell,
		     draft);
}

const struct loader_adapter adapter_nixos = {.loader = LOADER_NIXOS, .plan = plan};
