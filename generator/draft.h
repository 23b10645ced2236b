/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/setup.h"

/*
 * What a set-up wants of the host, in the order of its steps; which of it is there already, its
 * reader finds out. Built from facts and wishes alone.
 */

/* What a step is for: nothing of a part is built or checked when none of its files changes. */
enum draft_part {
	DRAFT_BEFORE, /* what must be there, or is looked at, before either of the next two */
	DRAFT_IMAGE,  /* the initramfs image */
	DRAFT_MENU,   /* the boot menu, or the kernel's command line */
	DRAFT_BEHIND, /* what is built of both, or is looked at, when all else is done */
	DRAFT_PARTS
};

struct draft_step {
	enum step_kind kind; /* STEP_FILE, STEP_BUILD or STEP_CHECK */
	enum draft_part part;
	char *target; /* heap; of a file its path, else as in the record */
	/* STEP_FILE: what it is to be, owned by root */
	enum { DRAFT_ABSENT, DRAFT_DIRECTORY, DRAFT_REGULAR } type;
	unsigned int mode; /* 0: as it is, of a file of others */
	struct text bytes;
	/* STEP_BUILD: "stale" or "built", what it goes to */
	const char *after;
	char *why; /* heap; for people */
};

/* Why it is not done, or what is to be known: sentences, heap. */
struct draft_remarks {
	char **items;
	size_t count;
};

struct draft {
	struct draft_step *steps;
	size_t step_count;
	struct draft_remarks refusals, notes, advice;
	struct draft_remarks by_hand; /* commands, and sentences before them */
	struct setup promise;         /* all of the record but its steps */
	struct text printed; /* dynamic: what goes to stdout as it is (XML, or words for QEMU) */
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

/* Which part a file of an earlier set-up belongs to. */
enum draft_part draft_part_of(const char *path);

/* A twin of what is there already is dropped. */
void draft_refuse(struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void draft_note(struct draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What to do where this program does not write: a command that can be pasted, or what stands
 * before it. */
void draft_tell_by_hand(struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What to know afterwards: how to get out again. */
void draft_advise(struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
