/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "model/setup.h"

/*
 * What stands in loader/entries, as one text, a line each: KIND tab NAME tab CONTENT, both escaped.
 */
enum entry_kind {
	ENTRY_KERNEL = 'k', /* a kernel's own, which kernel-install writes */
	ENTRY_OURS = 'o',
	ENTRY_FOREIGN = 'f',
};

/* Is it one of those that our plugin of kernel-install derives: "TOKEN-KERNEL-hostdev-N.conf"? */
bool boot_entry_is_ours(const char *name, const char *token);
/* Is it this kernel's own: "TOKEN-KERNEL.conf", or with a count of attempts,
 * "TOKEN-KERNEL+3-0.conf"? */
bool boot_entry_is_of(const char *name, const char *token, const char *release);

/*
 * Puts the words of an entry's options behind those that are in out already, one blank between
 * them: without those that are left out (each NULL or more words), and without the one that
 * kernel-install appends by itself.
 */
void boot_entry_add_options(const char *text, size_t length, const char *const left_out[2],
			    struct text *out);

void boot_entries_add(struct text *list, enum entry_kind kind, const char *name,
		      const char *content);

/*
 * Two such lists, without a set-up (but with past, which was in force before it, or NULL) and with
 * it. 0: no entry of others has changed; those of kernels have the options that they had, and the
 * words that the set-up wants on them; and for each choice in the menu every kernel has an entry
 * with the choice's words. EINVAL names what is not so.
 */
int boot_entries_compare(const char *before, const struct setup *past, const char *after,
			 const struct setup *setup, struct error *err);

/*
 * What brings the entries of kernels home: kept is how they were, now how kernel-install has
 * written them without the set-up. put gets each that differs, under the name that it has now. all:
 * they were written a moment ago, and become what they were, whatever they are; one that is gone
 * comes back. Else only those whose options are what they were: others are somebody's since, and
 * kernel-install knows them. What put fails with ends it.
 */
int boot_entries_go_home(const char *kept, const char *now, bool all,
			 int (*put)(void *data, const char *name, const char *content,
				    struct error *err),
			 void *data, struct error *err);

/* Has one such list what the set-up has put there? EINVAL names what is missing. */
int boot_entries_have_setup(const char *list, const struct setup *setup, struct error *err);
