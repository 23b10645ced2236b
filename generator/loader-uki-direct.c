// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unified kernel images that the firmware starts: there is no menu but the firmware's own, whose
 * entries may have a command line that counts in place of the image's, as long as Secure Boot is
 * off. Tests: unit/test-by-hand.c.
 */
#include "base/cleanup.h"
#include "generator/by-hand.h"

static void tell_entry(const struct boot *boot, const char *image, const char *title,
		       const char *words, struct draft *draft)
{
	auto_free char *cmdline = by_hand_cmdline(boot);

	draft_tell_by_hand(draft, "kernel-bootcfg --add-uki '%s' --title '%s' --cmdline '%s %s'",
			   image, title, cmdline, words);
}

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	const struct boot *boot = request->facts->boot;
	const char *image = by_hand_first_usual(boot->kernel_install.images);
	auto_free char *path = by_hand_unified_path(boot, entry);

	if (!boot->secure_boot && image) {
		tell_entry(boot, image, entry->title ? entry->title : "VFIO", entry->words, draft);
		return;
	}
	by_hand_unified(request, entry, draft);
	if (entry->title)
		draft_tell_by_hand(draft, "kernel-bootcfg --add-uki '%s' --title '%s'", path,
				   entry->title);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	if (!request->words && request->choice_count == 0)
		by_hand_rebuild(request, draft);
	else
		by_hand_plan(request, LOADER_UKI_DIRECT,
			     "the firmware starts the kernel images itself, and their command line "
			     "is inside",
			     tell, draft);
}

const struct loader_adapter adapter_uki_direct = {
	.loader = LOADER_UKI_DIRECT, .carries_images = true, .plan = plan};
