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
	bool video;    /* a graphics function (base class 03) is in it */
	bool screen;   /* the host could show something on a graphics function of it */
	bool selected; /* guests may have it */
};

/* Groups are given by their places in the caller's array. */
struct choice {
	bool keeps_any;
	size_t kept;      /* if keeps_any: the graphics group that stays with the host */
	size_t *reserved; /* heap, ascending */
	size_t reserved_count;
};

struct choices {
	struct choice *items;
	size_t count;
	const char *none; /* if count is 0: why, as a clause (a constant); otherwise NULL */
};

void choices_done(struct choices *choices);
#define auto_choices __attribute__((__cleanup__(choices_done)))

struct choice_wishes {
	bool headless; /* also make a choice in which the host keeps no screen */
	bool no_all;   /* make no choice that reserves all groups, unless it is the only choice */
};

void choices_make(const struct choice_group *groups, size_t count,
		  const struct choice_wishes *wishes, struct choices *ret);

/*
 * How many of a host's kernels, newest first, get entries. "N": the N newest, "0": all, "1,3": the
 * newest and the third. EINVAL for anything else.
 */
struct kernel_ranks {
	bool all;
	size_t newest;    /* if neither all nor a list is given */
	size_t ranks[64]; /* from 1, ascending */
	size_t rank_count;
};
int kernel_ranks_parse(const char *text, struct kernel_ranks *ret, struct error *err);
bool kernel_ranks_has(const struct kernel_ranks *ranks, size_t rank);
/* How many kernels get entries on a host that has kernel_count kernels. */
size_t kernel_ranks_count(const struct kernel_ranks *ranks, size_t kernel_count);

#define CHOICES_LIMIT 5    /* the most choices, and the most kernels, without --allow-unsafe */
#define CHOICES_ENTRIES 64 /* the most entries in all, even with --allow-unsafe */
