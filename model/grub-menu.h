/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "model/setup.h"

/*
 * Two texts of grub.cfg, both made by this host's grub-mkconfig, without a set-up (but with past,
 * which was in force before it, or NULL) and with it. 0:
 * the second has every choice of the set-up, each with entries whose ids begin with the choice's
 * and that have root= and the choice's words; or (a set-up without choices in the menu) its words
 * on the lines of the usual entries; and all else is in both alike. EINVAL names what is not so.
 */
int grub_menu_compare(const struct text *before, const struct setup *past, const struct text *after,
		      const struct setup *setup, struct error *err);

/* Does a grub.cfg hold every choice of the set-up, or its words? EINVAL names what is not there. */
int grub_menu_has_setup(const struct text *menu, const struct setup *setup, struct error *err);

/*
 * Would every entry of the menu that is there now, but for ours, still be there in the one that
 * this host's grub-mkconfig makes? EINVAL names the first that would be lost: somebody has written
 * it by hand, or the menu is older than what it is made of.
 */
int grub_menu_keeps(const struct text *there, const struct text *made, struct error *err);

/* Does an entry that is not ours start the kernel of this image ("/boot/vmlinuz-6.12")? */
bool grub_menu_starts(const struct text *menu, const char *image);
