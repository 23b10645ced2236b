/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "generator/facts.h"
#include "generator/selection.h"
#include "generator/wishes.h"

/*
 * The three modes of a set-up, each in a file of its own: what a mode adds to the draft for what is
 * selected.
 */

void mode_static(const struct generate_facts *facts, const struct generate_wishes *wishes,
		 struct selection *selection, struct draft *draft);
void mode_multiboot(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct selection *selection, struct draft *draft);
void mode_dynamic(const struct generate_facts *facts, const struct generate_wishes *wishes,
		  struct selection *selection, struct draft *draft);
