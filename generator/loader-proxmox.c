// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proxmox-boot-tool: it copies kernels to each of the firmware's partitions and writes an entry for
 * them. With GRUB the words come from GRUB's configuration, else from the one line of
 * /etc/kernel/cmdline. Tests: unit/test-by-hand.c.
 */
#include <string.h>

#include "generator/by-hand.h"

/* The installer writes /etc/kernel/cmdline on each host with ZFS, whatever starts it. */
static bool is_started_by_grub(const struct boot *boot)
{
	if (boot->loader_info)
		return text_starts(boot->loader_info, "GRUB");
	return !boot->uefi || !boot->kernel_install.cmdline ||
	       text_starts(boot->cmdline, "BOOT_IMAGE=") || strstr(boot->cmdline, " BOOT_IMAGE=");
}

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	if (entry->title) {
		by_hand_type(entry, "it keeps one entry for each kernel", draft);
		return;
	}
	if (is_started_by_grub(request->facts->boot))
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
