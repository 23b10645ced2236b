/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "generator/facts.h"
#include "generator/selection-list.h"

/* An IOMMU group with an endpoint. */
struct selected_group {
	const struct group *group;
	bool video;     /* a graphics function is in it (base class 03) */
	bool screen;    /* the host could show something on a function of it (facts_is_screen) */
	bool selected;  /* all of it will be reserved */
	bool named;     /* the options name it, not only by "all" */
	bool stays;     /* only "all" has selected it, and its obstacle has taken that back */
	char *obstacle; /* heap: why it cannot be reserved, as a clause; NULL: it can */
};

struct selection {
	const struct generate_facts *facts;
	const struct snapshot *snapshot; /* the same's */
	const struct selection_wishes *wishes;
	bool own_screen; /* the host has a screen that is in no group, and so always stays */
	struct selected_group *groups; /* ascending by their lowest address */
	size_t group_count;
	char **problems; /* heap: sentences on what makes the wishes impossible */
	size_t problem_count;
	char **notes; /* heap: clauses on what was named and is not there */
	size_t note_count;
};

void selection_done(struct selection *selection);
#define auto_selection __attribute__((__cleanup__(selection_done)))

/* Facts and wishes must stay where they are. */
void selection_make(const struct generate_facts *facts, const struct selection_wishes *wishes,
		    struct selection *ret);

/* Is it an endpoint? Bridges are none, nor are those of the chipset, which do not look like
 * bridges. */
bool selection_is_endpoint(const struct device *device);

/* Do the options name this device, and not exclude it? "all" names no device. */
bool selection_names(const struct selection *selection, const struct device *device);

/* Why no group is selected, if no refusal says so: a clause; a constant. */
const char *selection_why_none(const struct selection *selection);

/*
 * Is the device reserved when its group is? A bridge is not. A part of the chipset without a driver
 * is not, unless the options name it: the firmware may use it, and it keeps no guest from the
 * group.
 */
bool selection_takes(const struct selection *selection, const struct device *device);
