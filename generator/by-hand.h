/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/menu.h"

/*
 * Loaders for which nothing is written: their adapters say what to do there, with the words and
 * paths of this host.
 */

struct by_hand_entry {
	const char *title; /* NULL: the usual entries */
	size_t number;     /* of an entry with a title: from 1 on */
	const char *words; /* what is to be on its command line */
};

typedef void by_hand_tell(const struct menu_request *request, const struct by_hand_entry *entry,
			  struct draft *draft);

/*
 * Refuses, with why (a clause), and has tell add its advice for the usual entries or for each
 * choice; before that what is to be done for the image. Words of the kernel alone (dynamic) are no
 * reason to refuse: they are advised.
 */
void by_hand_plan(const struct menu_request *request, enum boot_loader loader, const char *why,
		  by_hand_tell *tell, struct draft *draft);

/*
 * The command that makes an entry in loader/entries out of the running kernel's; its name has mark
 * and number before ".conf".
 */
void by_hand_copy_entry(const struct menu_request *request, const struct by_hand_entry *entry,
			const char *mark, struct draft *draft);

/* An entry of its own is not possible: its words are to be typed in the menu. why: a clause. */
void by_hand_type(const struct by_hand_entry *entry, const char *why, struct draft *draft);

/* The running command line without what the loader puts on it, and without ours. Heap. */
char *by_hand_cmdline(const struct boot *boot);
/* Tells how the words get into /etc/kernel/cmdline, which may be there or not. */
void by_hand_add_to_cmdline(const struct boot *boot, const char *words, struct draft *draft);

/* The first name or path of a NULL-terminated list (NULL: none) that is not a copy by which an
 * earlier time was followed; NULL: there is none. */
const char *by_hand_first_usual(char *const *names);

/* How unified kernel images get other words. */
void by_hand_unified(const struct menu_request *request, const struct by_hand_entry *entry,
		     struct draft *draft);
/* How they get another initramfs, which is inside. */
void by_hand_rebuild(const struct menu_request *request, struct draft *draft);
/* Where the image of an entry with a title is put. Heap. */
char *by_hand_unified_path(const struct boot *boot, const struct by_hand_entry *entry);
