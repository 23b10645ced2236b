/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/boot-entries-list.h"
#include "model/setup.h"

/*
 * Does our plugin of kernel-install make entries with such a name: "TOKEN-KERNEL-hostdev-N.conf",
 * or with a count of attempts as below?
 */
bool boot_entry_is_ours(const char *name, const char *token);
/* Is it the entry of this kernel: "TOKEN-KERNEL.conf", or with a count of attempts,
 * "TOKEN-KERNEL+3-0.conf"? */
bool boot_entry_is_of(const char *name, const char *token, const char *release);

/*
 * Two lists (model/boot-entries-list.h), without a set-up (but with past, which was in force before
 * it, or NULL) and with it. 0: no entry of others has changed but by words of these; those of
 * kernels have the options that they had, and the words that the set-up wants on them; and for each
 * choice in the menu every kernel has an entry with the choice's words. EINVAL names what is not
 * so.
 */
int boot_entries_compare(const char *before, const struct setup *past, const char *after,
			 const struct setup *setup, struct error *err);

struct boot_entries_way {
	/* Writes an entry; content NULL: removes it. A failure ends the call. */
	int (*put)(void *data, const char *name, const char *content, struct error *err);
	/* Told of an entry that has come meanwhile and is not the set-up's: it stays. */
	void (*leave)(void *data, const char *name);
	void *data;
};

enum boot_entries_extent {
	/*
	 * All entries, as they were written a moment ago: an entry that is gone comes back, and a
	 * kernel's entry with another count of attempts goes.
	 */
	ENTRIES_ALL,
	/* Entries of kernels, under the names that they have now. */
	ENTRIES_OF_KERNELS,
	/* The same, with the options that they get now, as these are configured. */
	ENTRIES_CONFIGURED,
};

/*
 * Makes entries what they were before a set-up. kept: the list of that time; before and now: the
 * lists before and after the entries were written anew without the set-up. before may be NULL with
 * ENTRIES_ALL.
 */
int boot_entries_go_home(const char *kept, const char *before, const char *now,
			 enum boot_entries_extent extent, const struct boot_entries_way *way,
			 struct error *err);

/*
 * Calls tell for each entry of others that has changed; nobody can say whether a plugin of others
 * or a person has changed it. Entries that have our words, or words that reserve devices, are left
 * out: the plugin that has derived them will derive them again.
 */
void boot_entries_each_of_others(const char *kept, const char *now, const char *ours,
				 void (*tell)(void *data, const char *name, bool is_there),
				 void *data);

struct boot_entries_edits {
	const char *built;          /* the list as the last set-up has left it; "": not known */
	const char *before, *after; /* the lists before and after entries are written anew */
	/*
	 * Told of a kernel's entry, by its name in after, that was edited or has lost lines. lost:
	 * lines of kept that neither the result has nor kernel-install writes, with "; " between
	 * them; "": none.
	 */
	void (*tell)(void *data, const char *name, bool edited, const char *lost);
	void *data;
};

/*
 * Puts into the kept list what people have written into entries of kernels while a set-up was in
 * force, except options. If kernel-install starts the kernel in another way now, the kept entry
 * does, too. out: the new kept list.
 */
int boot_entries_keep_edits(const char *kept, const struct boot_entries_edits *edits,
			    struct text *out, struct error *err);

/*
 * The entries as people had them, after a call that wrote entries anew was killed: base, the list
 * before that call, with the entries of kernels that were edited since. before, written: the lists
 * before and after the entries are written once more.
 */
int boot_entries_of_people(const char *base, const char *before, const char *written,
			   struct text *out, struct error *err);

/*
 * Calls tell for each kernel's entry of before with the words that it has not in after. ours: words
 * of set-ups that were in force, which are left out.
 */
void boot_entries_each_lost(const char *before, const char *after, const char *ours,
			    void (*tell)(void *data, const char *name, const char *words),
			    void *data);
/* Calls tell for each entry of any kind that has words by which devices are reserved. */
void boot_entries_each_reserving(const char *list,
				 void (*tell)(void *data, const char *name, const char *words),
				 void *data);

/* Does the list have everything that the set-up has put there? EINVAL names what is missing. */
int boot_entries_have_setup(const char *list, const struct setup *setup, struct error *err);
