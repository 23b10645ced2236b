/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/setup/apply.h"
#include "actions/setup/entries-place.h"
#include "base/text.h"

/* The writing of entries, for a step of a set-up. */
struct entries_building {
	struct apply *apply;
	const struct step *step;
	bool undo;
	struct text *said; /* by the first that has failed */
	struct entries_place place;
};

/* Finds the place that the step names; what is set before stays. */
int entries_building_open(struct entries_building *building, struct error *err);
void entries_building_done(struct entries_building *building);
/* Reports what was found of something; about may be NULL. */
void entries_building_tell(const struct entries_building *building, const char *about,
			   const char *note);
/* Has every kernel added anew that has an entry, once what our plugin has derived is gone. */
int entries_building_write(struct entries_building *building, struct error *err);
