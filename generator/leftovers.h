/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "model/boot.h"

/*
 * What set-ups write, known again where no record tells of it: /var may be lost, or another than it
 * was when the rest of the host was brought back. Each path below is nobody else's, but whoever has
 * a file of another content there has a file of their own.
 */

/* Files, and directories; NULL stands behind the last of each. */
extern const char *const leftover_files[], *const leftover_dirs[];

/*
 * Has "hostdevctl generate", of any version, written the file at this one of the paths? What of the
 * text is its own is appended: of a file of settings, in which people may have put theirs, its
 * lines alone.
 */
bool leftover_take(const char *path, const char *text, struct text *ours);

/*
 * Files of others, in which set-ups have lines. The text without those that reserve devices is
 * appended; false: it has none. beside: one of the files above is left over, too.
 */
extern const char *const leftover_edited[];
bool leftover_take_out(const char *path, const char *text, const struct boot *boot, bool beside,
		       struct text *rest);

/*
 * Is it an entry of the boot menu that our plugin of kernel-install has derived? Elsewhere such
 * names are of who has written the entries by hand.
 */
bool leftover_entry_is_ours(const struct boot *boot, const char *name, const char *text);

/* What can be told from such a file of the set-up: its command, and the words of its choices. */
void leftover_promise(const char *path, const char *text, struct setup *promise);

/*
 * What a set-up with these files would have built on this host, and which images and menus it would
 * have looked at, as a new one would choose: of the draft the builds and checks are of use, nothing
 * else. What has built with them and is not there any more is there as well, by its usual name.
 */
void leftovers_draft(const struct boot *boot, const char *const *paths, size_t count,
		     struct draft *ret);
