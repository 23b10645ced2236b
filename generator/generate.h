/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "generator/choices.h"
#include "generator/draft.h"
#include "generator/selection.h"
#include "model/boot.h"
#include "model/homes.h"
#include "model/links.h"
#include "model/policy.h"
#include "model/setup.h"
#include "model/snapshot.h"
#include "model/wants.h"

/* All that the generator may know of the host. */
struct generate_facts {
	const struct boot *boot;
	const struct snapshot *snapshot; /* with every PCI function of the host */
	const struct wants *wants;       /* or NULL */
	const struct links *links;       /* or NULL */
	const struct homes *homes;       /* or NULL */
	const struct policy *policy;     /* the admin's, of no guest; or NULL: none */
	const struct setup *past;        /* the newest set-up in force, or NULL */
};

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

/*
 * The draft of a set-up. Where draft.refusals are not empty the rest is only to be looked at. A
 * host on which this program does not write (boot loaders of other kinds) gets advice with its real
 * words and a refusal that says so.
 */
void generate_draft(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *ret);

/* What could be selected, and why not the rest, for people: a line a group. */
void generate_candidates(const struct generate_facts *facts, struct text *out);
