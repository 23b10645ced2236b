/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/boot-entries-list.h"
#include "model/setup.h"

/*
 * Is it one of those that our plugin of kernel-install derives: "TOKEN-KERNEL-hostdev-N.conf", or
 * with a count of attempts as below?
 */
bool boot_entry_is_ours(const char *name, const char *token);
/* Is it this kernel's own: "TOKEN-KERNEL.conf", or with a count of attempts,
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
	/* content NULL: the entry goes. What it fails with ends the way. */
	int (*put)(void *data, const char *name, const char *content, struct error *err);
	/* It has come meanwhile, and is not the set-up's: it is left. */
	void (*leave)(void *data, const char *name);
	void *data;
};

enum boot_entries_extent {
	/*
	 * All, whosever they are: they were written a moment ago. One that is gone comes back, and
	 * a kernel's under another count of attempts goes.
	 */
	ENTRIES_ALL,
	/* Those of kernels, under the names that they have now. */
	ENTRIES_OF_KERNELS,
	/* The same with the options that they are given now, which are configured. */
	ENTRIES_CONFIGURED,
};

/*
 * What brings entries home: kept is how they were, before and now how they are, before and after
 * they are written without the set-up. before NULL: only with ENTRIES_ALL.
 */
int boot_entries_go_home(const char *kept, const char *before, const char *now,
			 enum boot_entries_extent extent, const struct boot_entries_way *way,
			 struct error *err);

/*
 * Calls back for each entry of others that is not as it was; whether a plugin of theirs that runs
 * with kernel-install has made that of it, or a person, nobody can tell. But who has derived an
 * entry with words that are ours, or reserve devices, derives it again.
 */
void boot_entries_each_of_others(const char *kept, const char *now, const char *ours,
				 void (*tell)(void *data, const char *name, bool is_there),
				 void *data);

struct boot_entries_edits {
	const char *built;          /* how the last set-up has left them; "": not known */
	const char *before, *after; /* how they are, before and after they are written anew */
	/*
	 * A kernel's entry, by the name that it has after, that somebody has edited since, or that
	 * has lost lines; lost: lines of kept that are neither in what comes of it nor in what
	 * kernel-install writes, each with "; " between, "": none.
	 */
	void (*tell)(void *data, const char *name, bool edited, const char *lost);
	void *data;
};

/*
 * What people have written into a kernel's entry while a set-up was in force, but for its options,
 * is put into what is kept of it. Where kernel-install starts the kernel otherwise than it did, so
 * does what is kept. out: the new kept.
 */
int boot_entries_keep_edits(const char *kept, const struct boot_entries_edits *edits,
			    struct text *out, struct error *err);

/*
 * How people had the entries where somebody who wrote them anew was killed: base, before that one
 * began, but for kernels' entries that have been edited since. before, written: how they are,
 * before and after they are written once more.
 */
int boot_entries_of_people(const char *base, const char *before, const char *written,
			   struct text *out, struct error *err);

/*
 * Calls back for each kernel's entry of before with the words that after's has no more, but for
 * those of ours: words of set-ups that were in force.
 */
void boot_entries_each_lost(const char *before, const char *after, const char *ours,
			    void (*tell)(void *data, const char *name, const char *words),
			    void *data);
/* Calls back for each entry, whosever it is, with words by which devices are reserved. */
void boot_entries_each_reserving(const char *list,
				 void (*tell)(void *data, const char *name, const char *words),
				 void *data);

/* Has one such list what the set-up has put there? EINVAL names what is missing. */
int boot_entries_have_setup(const char *list, const struct setup *setup, struct error *err);
