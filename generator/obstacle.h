/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "generator/selection.h"

/* Fills in selected_group.obstacle: why a group cannot be reserved from boot on. To be called right
 * after selection_make. */
void obstacles_find(struct selection *selection);

/*
 * If a group was named and has an obstacle, the draft refuses it. If only "all" has selected the
 * group, it is no longer selected, and a note says so. Other notes say what the admin should know
 * of a selected group. early: cards that their own driver must set up first are reserved all the
 * same.
 */
void obstacles_apply(struct selection *selection, bool early, struct draft *draft);
