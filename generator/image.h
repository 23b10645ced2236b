/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "generator/facts.h"
#include "generator/wishes.h"

/*
 * What a set-up asks of the initramfs generator. Each kind of generator has an adapter, in a file
 * of its own.
 */

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

/* Is there an image, and a generator whose files this program can write? */
bool image_can_hold_binder(const struct boot *boot);

/*
 * Chooses the initramfs generator, and adds to the draft what its adapter writes: reserve and
 * options as in struct image_request. Where there is no such generator, the draft refuses.
 */
void image_plan(const struct generate_facts *facts, const struct generate_wishes *wishes,
		const char *reserve, const char *options, struct draft *draft);

/* --- for the adapters --- */

/* Files that several of them write. */
#define RESERVE_FILE "/etc/hostdev-hook/reserve"
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
