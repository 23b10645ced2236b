/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Which entries the boot menu gets: one for each choice of what stays with the host. The rule, and
 * the nine examples that the tests have, are those of hostdevctl-generate(8).
 */

/* An IOMMU group with at least one endpoint. */
struct choice_group {
	size_t id;     /* the caller's own, unique */
	bool video;    /* a function of base class 03 is in it */
	bool screen;   /* one on which the host could show something */
	bool selected; /* it may go to guests */
};

/* Groups are given by their places in the caller's array. */
struct choice {
	bool keeps_any;
	size_t kept;      /* where keeps_any: the graphics group that stays with the host */
	size_t *reserved; /* heap, ascending */
	size_t reserved_count;
};

struct choices {
	struct choice *items;
	size_t count;
	const char *none; /* why there is none, a clause; a constant. NULL while there are some */
};

void choices_done(struct choices *choices);
#define auto_choices __attribute__((__cleanup__(choices_done)))

struct choice_wishes {
	bool headless; /* a choice in which the host keeps no screen is wanted, too */
	bool no_all;   /* where the host has a screen of its own: not all at once, unless alone */
};

void choices_make(const struct choice_group *groups, size_t count,
		  const struct choice_wishes *wishes, struct choices *ret);

/*
 * How many of a host's kernels, newest first, get entries. "N": the N newest, "0": all, "1,3": the
 * newest and the third. EINVAL for anything else.
 */
struct kernel_ranks {
	bool all;
	size_t newest;    /* where not all and without a list */
	size_t ranks[64]; /* from 1, ascending */
	size_t rank_count;
};
int kernel_ranks_parse(const char *text, struct kernel_ranks *ret, struct error *err);
bool kernel_ranks_has(const struct kernel_ranks *ranks, size_t rank);
/* How many kernels of a host that has so many. */
size_t kernel_ranks_count(const struct kernel_ranks *ranks, size_t kernel_count);

#define CHOICES_LIMIT 5    /* choices, and kernels, without --allow-unsafe */
#define CHOICES_ENTRIES 64 /* entries of all, whatever is allowed */
