/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "model/plan.h"
#include "model/policy.h"
#include "model/snapshot.h"

/*
 * What must change for the guest to have its host devices: pure, from the snapshot alone.
 * Never fails: what stands in the way is a refusal in the plan (then there are no steps).
 * *plan must be empty; caller releases it.
 */
void planner_lend(const struct guest *guest, const struct snapshot *snapshot,
		  const struct policy *policy, struct plan *plan);

/*
 * The refusals and notes of planner_lend alone, without a step or a claim: whether the guest would
 * be started at all.
 */
void planner_judge(const struct guest *guest, const struct snapshot *snapshot,
		   const struct policy *policy, struct plan *plan);
