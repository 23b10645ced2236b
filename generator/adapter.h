/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/generate.h"

/*
 * What a set-up asks of the boot loader and of the initramfs generator; each kind of them has one
 * file.
 */

struct menu_choice {
	char *id, *title, *words; /* heap */
	struct pci_addr kept;     /* where keeps_any: a graphics function of the group that stays */
	bool keeps_any;
};

struct menu_request {
	const struct generate_facts *facts;
	const struct generate_wishes *wishes;
	/* Words of the default entry, or of every entry; NULL: none. */
	const char *words;
	/* Entries of their own. */
	const struct menu_choice *choices;
	size_t choice_count;
	/* Place in choices of the one that is to be the default; -1: the default stays. */
	int default_choice;
};

struct loader_adapter {
	enum boot_loader loader;
	/* Adds its steps to the draft; or, where this program does not write here, a refusal, and
	 * what to do as advice. */
	void (*plan)(const struct menu_request *request, struct draft *draft);
};

extern const struct loader_adapter adapter_grub;

/* NULL: this program knows nothing of that loader but its name. */
const struct loader_adapter *loader_adapter_find(enum boot_loader loader);

struct image_request {
	const struct generate_facts *facts;
	const struct generate_wishes *wishes;
	/* What the image is to know by itself: lines of /etc/hostdev-hook/reserve; NULL: nothing.
	 */
	const char *reserve;
	const char *options; /* text of a file of modprobe.d, or NULL */
};

struct image_adapter {
	enum boot_initramfs kind;
	void (*plan)(const struct image_request *request, struct draft *draft);
};

extern const struct image_adapter adapter_initramfs_tools, adapter_dracut, adapter_mkinitcpio;

const struct image_adapter *image_adapter_find(enum boot_initramfs kind);

/* Files that several adapters write. */
#define RESERVE_FILE "/etc/hostdev-hook/reserve"
#define CHOICES_FILE "/etc/hostdev-hook/boot-choices"
#define OPTIONS_FILE "/etc/modprobe.d/hostdev-hook.conf"

/* The reserve and the options, where there are any; the directory first. */
void image_add_files(const struct image_request *request, struct draft *draft);

/* "image:KIND,IMAGE,IMAGE=builtin": every kernel's image, newest first (actions/apply-check.h).
 * Heap. */
char *image_check_target(const struct boot *boot, enum boot_initramfs kind);

/* The first lines of every generated file: what it is and how to get rid of it. */
void adapter_header(struct text *out, const struct generate_wishes *wishes);
