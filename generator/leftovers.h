/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "model/boot.h"

/*
 * Recognises what set-ups have written when no record tells of it: /var may be lost, or may be
 * older than the rest of the host after a restore. The paths below are ours, but a file there with
 * another content belongs to the admin.
 */

/* The files, and the directories; each list ends with NULL. */
extern const char *const leftover_files[], *const leftover_dirs[];

/*
 * Has "hostdevctl generate" (of any version) written the file at this path, which is one of the
 * above? If so, appends the part of the text that it has written: of a file of settings, in which
 * the admin may have added lines, only its own lines.
 */
bool leftover_take(const char *path, const char *text, struct text *ours);

/*
 * Files of others into which set-ups have written lines. leftover_take_out appends the text without
 * the lines that reserve devices; false: there are none. beside: a file of the list above is left
 * over, too.
 */
extern const char *const leftover_edited[];
bool leftover_take_out(const char *path, const char *text, const struct boot *boot, bool beside,
		       struct text *rest);

/*
 * Has our plugin of kernel-install made this entry of the boot menu? On a host without that plugin,
 * the admin has written entries of such names by hand.
 */
bool leftover_entry_is_ours(const struct boot *boot, const char *name, const char *text);

/* Reads from such a file what it tells of its set-up: the command, and the words of its choices. */
void leftover_promise(const char *path, const char *text, struct setup *promise);

/*
 * Makes a draft of which only the builds and checks matter: what a set-up with these files would
 * have built on this host, and which images and menus it would have checked. A program that has
 * built with these files and is gone is named by its usual name.
 */
void leftovers_draft(const struct boot *boot, const char *const *paths, size_t count,
		     struct draft *ret);
