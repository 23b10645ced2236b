/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "generator/facts.h"
#include "generator/selection-list.h"

/* A group with an endpoint, as the choice stands. */
struct selected_group {
	const struct group *group;
	bool video;     /* a graphics function is in it (base class 03) */
	bool screen;    /* one on which the host could show something (generator/screens.h) */
	bool selected;  /* it is to be reserved, whole */
	bool named;     /* not merely by "all" */
	bool stays;     /* only "all" has brought it, and it is left out after all */
	char *obstacle; /* heap: why it cannot be reserved, a clause; NULL: it can */
};

struct selection {
	const struct generate_facts *facts;
	const struct snapshot *snapshot; /* the same's */
	const struct selection_wishes *wishes;
	bool own_screen; /* the host has one that is in no group, and stays with it in any case */
	struct selected_group *groups; /* ascending by their lowest address */
	size_t group_count;
	char **problems; /* heap: what makes the wishes impossible, sentences */
	size_t problem_count;
	char **notes; /* heap: what was named and is not there, clauses */
	size_t note_count;
};

void selection_done(struct selection *selection);
#define auto_selection __attribute__((__cleanup__(selection_done)))

/* Facts and wishes must stay where they are. */
void selection_make(const struct generate_facts *facts, const struct selection_wishes *wishes,
		    struct selection *ret);

/* Is it an endpoint: no bridge, and none of the chipset, whose headers say nothing of it? */
bool selection_is_endpoint(const struct device *device);

/* Is the device itself what the options name, and not left out? "all" names none. */
bool selection_names(const struct selection *selection, const struct device *device);

/* Why no group is selected, where no refusal tells: a clause; a constant. */
const char *selection_why_none(const struct selection *selection);

/*
 * Is it reserved when its group is? No bridge is, and no part of the chipset without a driver,
 * which the firmware may use and which keeps the group from no guest; unless that is named itself.
 */
bool selection_takes(const struct selection *selection, const struct device *device);
