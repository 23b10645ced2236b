/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in boot->grub. */
void boot_grub_read(struct boot_source *source, struct boot *boot);

/*
 * What stands in a grub.cfg (text is changed): longest_line, lacks_root, has_entries,
 * lists_entries, lists_images and words of *ret.
 */
void grub_menu_parse(char *text, struct boot_grub *ret);
/* Whether its menu is shown, and whether it asks for a password. */
void grub_menu_read_shown(const char *text, struct boot_menu *ret);
