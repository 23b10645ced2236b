/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"

/*
 * Cells that the runs of several guests may need: units, consoles and framebuffers. These functions
 * do nothing for a step of another kind, or if the execution has no locks.
 */

/*
 * From here to shared_leave no other run reads, sets or marks this step's cell. A failure is
 * reported as the failure of the step.
 */
int shared_enter(const struct execution *execution, size_t index, bool undo, struct error *err);
void shared_leave(const struct execution *execution, size_t index);

/*
 * To be called between the two: *ret_guest (heap) is another guest that needs the cell to have this
 * step's value after; NULL: there is none.
 */
int shared_needed(const struct execution *execution, size_t index, char **ret_guest,
		  struct error *err);
