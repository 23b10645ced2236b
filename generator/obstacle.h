/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "generator/selection.h"

/* Fills in, for every group, why it cannot be reserved from boot on. */
void obstacles_find(struct selection *selection);

/*
 * The obstacles of groups that were named become refusals of the draft; groups that only "all" has
 * brought, and that have one, are no longer selected, which a note tells. Notes, too, for what is
 * to be known of a selected group. early: cards that their own driver must set up first are taken
 * all the same.
 */
void obstacles_apply(struct selection *selection, bool early, struct draft *draft);
