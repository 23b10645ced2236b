// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the person before a host starts it once without what was reserved: where its boot menu is,
 * and whether a line can be changed in it. Tests: unit/test-multiboot.c.
 */
#include "generator/way-out.h"

#include "base/cleanup.h"

struct exit_way {
	const char *loader, *setting; /* which to change where there is none */
	const char *key;              /* that brings a menu that is not shown */
	const struct boot_menu *menu;
};

static void find_way(const struct menu_request *request, struct exit_way *ret)
{
	static const struct boot_menu usual = {0};
	const struct boot *boot = request->facts->boot;

	*ret = (struct exit_way){.menu = &usual};
	if (menu_is_started_by(request, LOADER_GRUB))
		*ret = (struct exit_way){
			.loader = "GRUB",
			.setting = "GRUB_TIMEOUT in /etc/default/grub",
			.key = boot->uefi ? "press Esc while GRUB starts"
					  : "hold Shift while GRUB starts",
			.menu = &boot->grub.menu,
		};
	else if (menu_is_started_by(request, LOADER_SYSTEMD_BOOT))
		*ret = (struct exit_way){
			.loader = "systemd-boot",
			.setting = boot->systemd_boot_menu.absent ? "timeout in loader.conf"
								  : "editor in loader.conf",
			.key = "hold the space bar while systemd-boot starts",
			.menu = &boot->systemd_boot_menu,
		};
}

/* Beside the usual entries of a menu that can be seen, nothing has to be typed. */
void way_out_advise(const struct menu_request *request, const char *typed, struct draft *draft)
{
	bool has_entries = request->choice_count > 0;
	struct exit_way way;

	find_way(request, &way);
	if (way.menu->absent || (way.menu->no_editor && !has_entries)) {
		draft_note(draft,
			   "%s of this host %s: for one boot without it there will be no way but "
			   "from another system; change that first (%s)",
			   way.loader,
			   way.menu->absent ? "shows no menu, whatever key is pressed"
					    : "lets no line of its menu be changed",
			   way.setting);
		return;
	}
	if (way.menu->hidden)
		draft_advise(draft, "The boot menu is not shown by itself: %s.", way.key);
	if (!way.menu->no_editor)
		draft_advise(
			draft, "For one boot without it: press e in the boot menu%s, and add %s.",
			way.menu->asks_password ? ", which asks for GRUB's user and password" : "",
			typed);
}
