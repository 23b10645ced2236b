/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "generator/facts.h"
#include "generator/wishes.h"

/*
 * Where a disk is unlocked by what is measured of a boot, another command line or image keeps it
 * locked: this refuses, or with --allow-measured tells it in a note.
 */
void measured_check(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *draft);
