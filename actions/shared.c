// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a cell is worked on that the runs of several guests may need: under a lock of its own, and
 * the last run puts it back. The count is kept nowhere but in the journals, and read from all of
 * them under that lock; so a hook that dies miscounts nothing.
 * Tests: unit/test-lock.c, unit/test-execute.c.
 */
#include "actions/shared.h"

#include "state/journals.h"
#include "state/state-locks.h"

#define CELL_LOCK_TIMEOUT_MS 30000

static const struct step *shared_step(const struct execution *execution, size_t index)
{
	const struct step *step = &execution->journal.steps[index];

	return execution->locks && step_kind_is_shared(step->kind) ? step : NULL;
}

/* No longer than the run itself may take. */
static unsigned int time_left_ms(const struct execution *execution)
{
	uint64_t now_ms = host_now_ms(), end_ms = execution->deadline_ms;

	if (!end_ms || end_ms >= now_ms + CELL_LOCK_TIMEOUT_MS)
		return CELL_LOCK_TIMEOUT_MS;
	return end_ms > now_ms ? (unsigned int)(end_ms - now_ms) : 0;
}

int shared_enter(const struct execution *execution, size_t index, bool undo, struct error *err)
{
	const struct step *step = shared_step(execution, index);
	struct error failure = ERROR_INIT;
	struct step_event event = {.undo = undo, .failed = true, .note = failure.text};
	int ret = step ? state_locks_take_cell(execution->locks, execution->host, step,
					       time_left_ms(execution), &failure)
		       : 0;

	if (ret == 0)
		return 0;
	execution_report(execution, index, event);
	if (err)
		*err = failure;
	return ret;
}

void shared_leave(const struct execution *execution, size_t index)
{
	if (shared_step(execution, index))
		lock_release(&execution->locks->cell);
}

int shared_needed(const struct execution *execution, size_t index, char **ret_guest,
		  struct error *err)
{
	const struct step *step = shared_step(execution, index);

	if (step)
		return journals_find_need(execution->host, &execution->locks->guest,
					  execution->journal.uuid, step, ret_guest, err);
	*ret_guest = NULL;
	return 0;
}
