/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"

/*
 * Cells that the runs of other guests may need as well. Each function does nothing for a step of
 * another kind, or where the execution has no locks.
 */

/*
 * From here to shared_leave no other run looks at, sets or marks this step's cell. Failing is
 * reported as the step's failure.
 */
int shared_enter(const struct execution *execution, size_t index, bool undo, struct error *err);
void shared_leave(const struct execution *execution, size_t index);

/*
 * Between the two: the guest that needs the cell at this step's "after", too; heap, or NULL.
 */
int shared_needed(const struct execution *execution, size_t index, char **ret_guest,
		  struct error *err);
