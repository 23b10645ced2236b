/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/setup.h"

/*
 * What a set-up wants of the host, in the order of its steps. It is made from the facts and wishes
 * alone; the code that carries it out finds what is there already.
 */

/* What a step is for. If no file of a part changes, nothing of that part is built or checked. */
enum draft_part {
	DRAFT_BEFORE, /* what must be there, or is checked, before the next two parts */
	DRAFT_IMAGE,  /* the initramfs image */
	DRAFT_MENU,   /* the boot menu, or the kernel's command line */
	DRAFT_BEHIND, /* what is built from both parts, or checked, at the end */
	DRAFT_PARTS
};

struct draft_step {
	enum step_kind kind; /* STEP_FILE, STEP_BUILD or STEP_CHECK */
	enum draft_part part;
	char *target; /* heap; STEP_FILE: the path; otherwise as in the record */
	/* STEP_FILE: what the file becomes; root owns it */
	enum { DRAFT_ABSENT, DRAFT_DIRECTORY, DRAFT_REGULAR } type;
	unsigned int mode; /* 0: the file belongs to others, and keeps its mode */
	struct text bytes;
	/* STEP_BUILD: the value after, "stale" or "built" */
	const char *after;
	char *why; /* heap; for people */
};

/* Sentences for people. Heap. */
struct draft_remarks {
	char **items;
	size_t count;
};

struct draft {
	struct draft_step *steps;
	size_t step_count;
	struct draft_remarks refusals, notes, advice;
	struct draft_remarks by_hand; /* commands, and a sentence before each */
	struct setup promise;         /* the record without its steps */
	struct text printed; /* "dynamic": XML, or words for QEMU; printed to stdout as it is */
};

void draft_done(struct draft *draft);
#define auto_draft __attribute__((__cleanup__(draft_done)))

void draft_add_file(struct draft *draft, enum draft_part part, const char *path, unsigned int mode,
		    const char *text, const char *why);
void draft_add_directory(struct draft *draft, enum draft_part part, const char *path,
			 const char *why);
void draft_add_build(struct draft *draft, enum draft_part part, const char *target,
		     const char *after, const char *why);
void draft_add_check(struct draft *draft, enum draft_part part, const char *target,
		     const char *why);

/* The part to which a file of an earlier set-up belongs. */
enum draft_part draft_part_of(const char *path);

/* These add a sentence. A sentence that is there already is not added again. */
void draft_refuse(struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void draft_note(struct draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the admin must do, as this program does not write there: a command that can be pasted, or
 * the sentence before it. */
void draft_tell_by_hand(struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What the admin should know afterwards, such as how to get out again. */
void draft_advise(struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
