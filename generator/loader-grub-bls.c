// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB that takes its entries from loader/entries, which grubby edits; or from unified kernel
 * images, whose words are inside. Tests: unit/test-by-hand.c.
 */
#include "base/cleanup.h"
#include "generator/by-hand.h"
#include "generator/loader-systemd-boot.h"

/* Fedora's tool; where kernel-install writes the entries by itself, that is asked instead. */
static void tell_usual(const struct boot *boot, const char *words, struct draft *draft)
{
	const struct boot_kernel_install *install = &boot->kernel_install;

	if (install->program && text_equal(install->layout, "bls")) {
		by_hand_add_to_cmdline(boot, words, draft);
		for (size_t i = 0; i < boot->kernel_count; i++)
			draft_tell_by_hand(draft, "%s add %s %s", install->program,
					   boot->kernels[i].release, boot->kernels[i].image);
		return;
	}
	draft_tell_by_hand(draft, "grubby --update-kernel=ALL --args='%s'", words);
	draft_tell_by_hand(draft, "(It writes them into /etc/kernel/cmdline and /etc/default/grub "
				  "as well, for new kernels.) To take them back:");
	draft_tell_by_hand(draft, "grubby --update-kernel=ALL --remove-args='%s'", words);
}

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	const struct boot_grub *grub = &request->facts->boot->grub;

	if (grub->lists_images && !grub->lists_entries)
		by_hand_unified(request, entry, draft);
	else if (entry->title)
		by_hand_copy_entry(request, entry, "~hostdev", draft);
	else
		tell_usual(request->facts->boot, entry->words, draft);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	const struct boot_grub *grub = &request->facts->boot->grub;

	if (request->words || request->choice_count > 0)
		by_hand_plan(request, LOADER_GRUB_BLS,
			     "its entries are kept by others (kernel-install, grubby)", tell,
			     draft);
	else if (grub->lists_images && !grub->lists_entries)
		by_hand_rebuild(request, draft);
	else
		systemd_boot_carry(request, draft);
}

const struct loader_adapter adapter_grub_bls = {
	.loader = LOADER_GRUB_BLS, .carries_images = true, .plan = plan};
