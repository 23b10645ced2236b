/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

/*
 * Which entry of a grub.cfg is started by itself. GRUB knows it by its id or title, or by a number,
 * and a number means another entry as soon as there are more entries before it.
 */

/* The scripts of /etc/grub.d that make our entries: one for the usual place, one for the end. */
#define GRUB_SCRIPT "12_hostdev-hook"
#define GRUB_SCRIPT_LAST "99_hostdev-hook"

/* Is this script of /etc/grub.d one of ours? The name ends with a blank or the string. */
bool grub_script_is_ours(const char *name);

/* The value of a variable in a grubenv; heap; NULL: it has none. */
char *grub_environment_value(const char *environment, const char *name);

/* The value that "default" has when the menu is shown; environment: the text of grubenv, or NULL.
 * Heap; "": not known. */
char *grub_default_value(const char *menu, const char *environment);

/*
 * Appends the line of our file behind /etc/default/grub that says which GRUB_DEFAULT the file
 * replaces. chosen: as in struct boot_grub.
 */
void grub_default_instead(const char *chosen, struct text *out);
/* Was GRUB_DEFAULT changed since, so that our file overrules the change? */
bool grub_default_is_overruled(const char *file, const char *chosen);

/*
 * Does the value begin with the number of an entry that stands behind the place of our script 12_,
 * so that entries of ours there would give the number to another entry?
 */
bool grub_default_is_behind(const char *menu, const char *value);

/* Are entries of ours in the menu, and if so, behind all others? */
bool grub_menu_has_ours(const char *menu, bool *ret_last);

/*
 * Two texts of grub.cfg as grub_menu_compare has them: is the same entry started by itself, or one
 * that the second set-up names by its id? EINVAL names both. environment is the text of grubenv,
 * NULL: none.
 */
int grub_default_compare(const struct text *before, const struct text *after,
			 const char *environment, struct error *err);

/*
 * The menu before a set-up is taken back, and the one without it: is another entry started by
 * itself now than the same GRUB_DEFAULT or grubenv meant before? What is then told to people is
 * appended to out.
 */
bool grub_default_moves(const struct text *before, const struct text *after,
			const char *environment, struct text *out);
