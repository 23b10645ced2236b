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
	/* It copies images to where the firmware finds them: it is asked without words and choices,
	 * too, where only the image changes. */
	bool carries_images;
	/* plan and look refuse words of others by which the next start would reserve devices. */
	bool finds_words;
	/* Adds its steps to the draft; or, where this program does not write here, a refusal, and
	 * what to do as advice. */
	void (*plan)(const struct menu_request *request, struct draft *draft);
	/* Where only the image changes: what would keep that from counting is refused. NULL: it
	 * does not look. */
	void (*look)(const struct menu_request *request, struct draft *draft);
};

extern const struct loader_adapter adapter_grub, adapter_systemd_boot, adapter_grub_bls,
	adapter_uki, adapter_uki_direct, adapter_kernelstub, adapter_proxmox, adapter_sdbootutil,
	adapter_rpm_ostree, adapter_bootc, adapter_nixos, adapter_limine, adapter_refind;

/* NULL: this program knows nothing of that loader but its name. */
const struct loader_adapter *loader_adapter_find(enum boot_loader loader);

/* CHOICES_FILE with its directory: what each entry of the menu reserves. */
void menu_add_choices(const struct menu_request *request, struct draft *draft);

/* How many kernels kernel-install gives entries to, whatever --kernels says; 0: it writes none. */
size_t kernel_install_kernels(const struct boot *boot);

/* Where kernel-install writes the entries (layout bls) it copies each kernel's image as well: its
 * steps. False: it does not. */
bool kernel_install_carry(const struct menu_request *request, struct draft *draft);

/*
 * Where an earlier set-up has put words into /etc/kernel/cmdline, and this one wants none: the file
 * stays without them, also where it was not there before all set-ups, as the next kernel would else
 * get the running one's words.
 */
void systemd_boot_settle(const struct generate_facts *facts, struct draft *draft);

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

/* What is put into an image that is found nowhere could not be checked, and is not put there. */
bool boot_has_image(const struct boot *boot);
/* Is there an image, and a generator whose files we can write? */
bool image_can_hold_binder(const struct boot *boot);

/* Files that several adapters write. */
#define RESERVE_FILE "/etc/hostdev-hook/reserve"
#define CHOICES_FILE "/etc/hostdev-hook/boot-choices"
#define OPTIONS_FILE "/etc/modprobe.d/hostdev-hook.conf"

/*
 * "image:PROGRAM,OPTIONS", what builds the images of all kernels; heap. NULL: its program is not
 * there, which is refused.
 */
char *image_build_target(const struct boot *boot, enum boot_initramfs kind, const char *options,
			 struct draft *draft);

/* The reserve and the options, where there are any; the directory first. */
void image_add_files(const struct image_request *request, struct draft *draft);

/* "image:KIND,holds=FILE,IMAGE,IMAGE=builtin,IMAGE=without": every kernel's image, newest first,
 * and what it is to know (actions/setup/apply-check.h). Heap. */
char *image_check_target(const struct image_request *request, enum boot_initramfs kind);

/* The first lines of every generated file: what it is and how to get rid of it. */
void adapter_header(struct text *out, const struct generate_wishes *wishes);
