// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The count of shared cells: it is kept nowhere but in the journals, and read from all of them
 * under the cell's lock, which is one byte of a file. So a hook that dies miscounts nothing.
 */
#include "session/shared.h"

#include "base/cleanup.h"
#include "parsers/journals.h"
#include "session/wait.h"

#define CELLS_LOCK "cells.lock"
#define CELL_LOCK_TIMEOUT_MS 30000

/* No longer than the run itself may take. */
static unsigned int time_left_ms(const struct execution *execution)
{
	uint64_t now_ms = host_now_ms(), end_ms = execution->deadline_ms;

	if (!end_ms || end_ms >= now_ms + CELL_LOCK_TIMEOUT_MS)
		return CELL_LOCK_TIMEOUT_MS;
	return end_ms > now_ms ? (unsigned int)(end_ms - now_ms) : 0;
}

static int lock_cell(void *data, const struct step *step, struct error *err)
{
	struct session *session = data;
	auto_free char *cell = xasprintf("%s %s", step_kind_name(step->kind), step->target);
	auto_free char *what = xasprintf("is at work on %s", cell);
	struct lock_wait wait = {.state_fd = session->state_fd,
				 .name = CELLS_LOCK,
				 .range = lock_range_of(cell),
				 .timeout_ms = time_left_ms(session->execution),
				 .what = what};

	return lock_wait(session->host, &session->cell_lock, &wait, err);
}

static void unlock_cell(void *data)
{
	struct session *session = data;

	lock_release(&session->cell_lock);
}

static int find_need(void *data, const struct step *step, char **ret_guest, struct error *err)
{
	const struct session *session = data;

	return journals_find_need(session->host, &session->guest_lock, session->uuid, step,
				  ret_guest, err);
}

void shared_tie(struct session *session, struct execution *execution)
{
	session->execution = execution;
	execution->ties.cell_lock = lock_cell;
	execution->ties.cell_unlock = unlock_cell;
	execution->ties.cell_needed = find_need;
	execution->ties.data = session;
}
