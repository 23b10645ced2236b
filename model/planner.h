/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "model/plan.h"
#include "model/policy.h"
#include "model/snapshot.h"

/*
 * Plans what must change for the guest to have its host devices, from the snapshot alone. The
 * function cannot fail: if something stands in the way, the plan has refusals and no steps. *plan
 * must be empty; the caller releases it.
 */
void planner_lend(const struct guest *guest, const struct snapshot *snapshot,
		  const struct policy *policy, struct plan *plan);

/*
 * Gives only the refusals and notes of planner_lend, without steps and claims: enough to know
 * whether the guest would be started.
 */
void planner_judge(const struct guest *guest, const struct snapshot *snapshot,
		   const struct policy *policy, struct plan *plan);
