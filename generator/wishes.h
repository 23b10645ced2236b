/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "generator/choices.h"
#include "generator/selection-list.h"

enum generate_mode {
	GENERATE_STATIC,    /* the same devices at every boot */
	GENERATE_MULTIBOOT, /* an entry of the boot menu for each choice */
	GENERATE_DYNAMIC,   /* nothing is reserved: what the hook needs, and the guest's XML */
};

/* The command line, taken apart. Strings are the caller's. */
struct generate_wishes {
	enum generate_mode mode;
	struct selection_wishes selection;
	const char *arguments; /* for the record: as they were typed, in one line */
	const char *loader;    /* --loader, or NULL */
	const char *initramfs; /* --initramfs, or NULL */
	/* static */
	bool in_conf;            /* --method conf: into the image, not onto the command line */
	bool by_ids;             /* --bind ids */
	const char *extra_words; /* --grub-cmdline; NULL */
	/* multiboot */
	const char *kernels;        /* --kernels, as it goes into the data file */
	struct kernel_ranks ranks;  /* the same taken apart */
	const char *default_choice; /* "none", "first", "last" or an address */
	bool no_all, headless, allow_unsafe;
	/* dynamic */
	bool as_qemu;
	/* what is insisted on */
	bool allow_early, allow_measured;
};

/* Adds the first lines of every generated file, which say what wrote it and how to get rid of it.
 */
void wishes_add_header(const struct generate_wishes *wishes, struct text *out);
