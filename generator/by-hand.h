/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/menu.h"

/*
 * Boot loaders for which this program writes nothing: their adapters tell the admin what to do,
 * with the words and paths of this host.
 */

struct by_hand_entry {
	const char *title; /* NULL: the usual entries */
	size_t number;     /* of an entry with a title: from 1 on */
	const char *words; /* what must be on its command line */
};

typedef void by_hand_tell(const struct menu_request *request, const struct by_hand_entry *entry,
			  struct draft *draft);

/*
 * Refuses, with why (a clause). Then adds what must be done for the image, and calls tell for the
 * usual entries or for each choice, so that it adds its advice. In the mode "dynamic", where only
 * words of the kernel are wanted, it refuses nothing and advises them.
 */
void by_hand_plan(const struct menu_request *request, enum boot_loader loader, const char *why,
		  by_hand_tell *tell, struct draft *draft);

/*
 * Adds the command that copies the running kernel's entry in loader/entries to a new entry, whose
 * name has mark and number before ".conf".
 */
void by_hand_copy_entry(const struct menu_request *request, const struct by_hand_entry *entry,
			const char *mark, struct draft *draft);

/* Says that there can be no entry of its own, and that its words must be typed in the menu. why: a
 * clause. */
void by_hand_type(const struct by_hand_entry *entry, const char *why, struct draft *draft);

/* The running command line without the words of the boot loader and without ours. Heap. */
char *by_hand_cmdline(const struct boot *boot);
/* Tells how the words get into /etc/kernel/cmdline, which may be there or not. */
void by_hand_add_to_cmdline(const struct boot *boot, const char *words, struct draft *draft);

/* The first name or path of a NULL-terminated list (may be NULL) that was not made by following our
 * advice at an earlier time; NULL: there is none. */
const char *by_hand_first_usual(char *const *names);

/* Says how unified kernel images get other words. */
void by_hand_unified(const struct menu_request *request, const struct by_hand_entry *entry,
		     struct draft *draft);
/* Says how unified kernel images get another initramfs, which is inside them. */
void by_hand_rebuild(const struct menu_request *request, struct draft *draft);
/* The path at which the image of an entry with a title is put. Heap. */
char *by_hand_unified_path(const struct boot *boot, const struct by_hand_entry *entry);
