/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"
#include "generator/draft.h"
#include "generator/facts.h"
#include "generator/wishes.h"

/*
 * The draft of a set-up. Where draft.refusals are not empty the rest is only to be looked at. A
 * host on which this program does not write (boot loaders of other kinds) gets advice with its real
 * words and a refusal that says so.
 */
void generate_draft(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *ret);

/* What could be selected, and why not the rest, for people: a line a group. */
void generate_candidates(const struct generate_facts *facts, struct text *out);
