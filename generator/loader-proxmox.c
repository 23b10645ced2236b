// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proxmox-boot-tool: it copies kernels to each of the firmware's partitions and writes an entry for
 * them. With GRUB the words come from GRUB's configuration, else from the one line of
 * /etc/kernel/cmdline.
 */
#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	const struct boot *boot = request->facts->boot;
	bool grub = boot->loader_info ? text_starts(boot->loader_info, "GRUB")
				      : !boot->kernel_install.cmdline;

	if (entry->title) {
		by_hand_type(entry, "it keeps one entry for each kernel", draft);
		return;
	}
	if (grub)
		draft_tell_by_hand(draft,
				   "Add to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub: %s",
				   entry->words);
	else
		draft_tell_by_hand(draft, "sed -i '1s|$| %s|' /etc/kernel/cmdline", entry->words);
	draft_tell_by_hand(draft, "proxmox-boot-tool refresh");
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_PROXMOX,
		     "proxmox-boot-tool keeps its entries on each of its partitions", tell, draft);
}

const struct loader_adapter adapter_proxmox = {.loader = LOADER_PROXMOX, .plan = plan};
