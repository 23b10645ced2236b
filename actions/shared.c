// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which steps other runs must be asked about: one cell, several guests, and the last of them puts
 * it back.
 */
#include "actions/shared.h"

#include "actions/job.h"

static const struct step *shared_step(const struct execution *execution, size_t index)
{
	const struct step *step = &execution->journal.steps[index];

	return step_kind_is_shared(step->kind) ? step : NULL;
}

int shared_enter(const struct execution *execution, size_t index, bool undo, struct error *err)
{
	const struct execution_ties *ties = &execution->ties;
	const struct step *step = shared_step(execution, index);
	struct error failure = ERROR_INIT;
	struct step_event event = {.undo = undo, .failed = true, .note = failure.text};
	int ret;

	if (!step || !ties->cell_lock)
		return 0;
	ret = ties->cell_lock(ties->data, step, &failure);
	if (ret == 0)
		return 0;
	step_report(execution, index, event);
	if (err)
		*err = failure;
	return ret;
}

void shared_leave(const struct execution *execution, size_t index)
{
	const struct execution_ties *ties = &execution->ties;

	if (shared_step(execution, index) && ties->cell_unlock)
		ties->cell_unlock(ties->data);
}

int shared_needed(const struct execution *execution, size_t index, char **ret_guest,
		  struct error *err)
{
	const struct execution_ties *ties = &execution->ties;
	const struct step *step = shared_step(execution, index);

	if (step && ties->cell_needed)
		return ties->cell_needed(ties->data, step, ret_guest, err);
	*ret_guest = NULL;
	return 0;
}
