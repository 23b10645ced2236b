/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * What stands in loader/entries, as one text, a line each: KIND tab NAME tab CONTENT, both escaped.
 */
enum entry_kind {
	ENTRY_KERNEL = 'k', /* a kernel's own, which kernel-install writes */
	ENTRY_OURS = 'o',
	ENTRY_FOREIGN = 'f',
};

void boot_entries_add(struct text *list, enum entry_kind kind, const char *name,
		      const char *content);

/* Such a list, taken apart. */
struct entries {
	struct entry {
		enum entry_kind kind;
		/* base: "TOKEN-KERNEL", the name without what counts attempts to boot. Heap. */
		char *name, *base, *content;
	} * items;
	size_t count;
};

void entries_done(struct entries *entries);
/* Takes a list apart; ret was zeroed by the caller. list NULL: no entry. EBADMSG: it is damaged. */
int entries_take(const char *list, struct entries *ret, struct error *err);

/* NULL: there is none. */
const struct entry *entries_find(const struct entries *entries, enum entry_kind kind,
				 const char *base);
const struct entry *entries_find_name(const struct entries *entries, const char *name);
/* The same entry in another list: where attempts are counted, its name may have changed since. */
const struct entry *entries_find_now(const struct entries *now, const struct entry *kept);

/* Appends its lines "options", or all others, each with a newline behind it. */
void entry_add_lines(const struct entry *entry, bool of_options, struct text *out);

/*
 * The words of its lines "options", one blank between them, without some, and without that which
 * kernel-install appends by itself. Heap, never NULL.
 */
char *entry_options(const struct entry *entry, const char *const left_out[2]);
/* All its lines but "options". Heap. */
char *entry_rest(const struct entry *entry);
/* All of it but its options, and in their place those of another. Heap. */
char *entry_with_options(const struct entry *entry, const struct entry *other);

/*
 * Puts the words of an entry's options behind those that are in out already, one blank between
 * them: without those that are left out (each NULL or more words), and without the one that
 * kernel-install appends by itself.
 */
void boot_entry_add_options(const char *text, size_t length, const char *const left_out[2],
			    struct text *out);
