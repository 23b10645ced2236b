// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a journal becomes the host as it was: what still is ours to restore, what is left alone, and
 * what must wait for something else. Tests: unit/test-execute.c, model/test-return.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/execution-run.h"
#include "actions/flight.h"
#include "actions/job.h"
#include "actions/shared.h"
#include "actions/sockets.h"
#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "model/device.h"

/* The first step of the run that ends with last and may be worked on at once. */
static size_t batch_start(const struct journal *journal, size_t last)
{
	size_t start = last;

	for (; start > 0; start--)
		for (size_t i = start; i <= last; i++)
			if (!step_is_parallel(&journal->steps[i], &journal->steps[start - 1]))
				return start;
	return start;
}

/* Is it among what this return is about? */
static bool is_wanted(const struct execution *execution, size_t index)
{
	if (index < execution->from)
		return false;
	for (size_t i = 0; i < execution->only_count; i++)
		if (journal_step_is_of(&execution->journal.steps[index], &execution->only[i]))
			return true;
	return !execution->only;
}

static const char *note_of_stranger(const struct execution *execution, const struct step *step)
{
	for (size_t i = 0; i < execution->stranger_count; i++)
		if (journal_step_is_of(step, &execution->strangers[i].addr))
			return execution->strangers[i].note;
	return NULL;
}

static bool is_unsettled(const struct execution *execution, size_t index)
{
	return journal_mark_is_unsettled(execution->journal.marks[index]);
}

/*
 * The firmware's framebuffer is memory of some card, which a guest may still have while that card's
 * driver has not come home; and a console needs a framebuffer, of the firmware or of a driver:
 * without one it would pass for one that cannot come back.
 */
static bool stands_on(const struct step *step, const struct step *later)
{
	if (step->kind == STEP_VTCONSOLE && later->kind == STEP_FRAMEBUFFER)
		return true;
	return (step->kind == STEP_FRAMEBUFFER || step->kind == STEP_VTCONSOLE) &&
	       later->kind == STEP_DRIVER;
}

/* Was what the step is part of brought to its end? Of a run that goes on, the last may not be. */
static bool is_lent(const struct journal *journal, size_t index)
{
	return journal->lent && !(journal->plugging && index + 1 >= journal->plug_from);
}

/* Has the guest had it? One that was let go of is in flight on its way home. */
static bool was_lent(const struct journal *journal, size_t index)
{
	return journal->marks[index] == MARK_DONE ||
	       (journal->marks[index] == MARK_IN_FLIGHT && is_lent(journal, index));
}

/*
 * Whoever had the card open would have it open again before its own driver is done with letting go:
 * some drivers then wait for that user, and the card never comes home. A display manager is started
 * all the same: a session on another card is better than none.
 */
static bool would_use_it(const struct execution *execution, const struct step *step,
			 size_t stuck_index)
{
	const struct step *stuck = &execution->journal.steps[stuck_index];
	struct driver_value home;
	struct unit_value unit;

	if (is_lent(&execution->journal, stuck_index) || stuck->kind != STEP_DRIVER ||
	    !driver_value_parse(stuck->before, &home) || !*home.driver ||
	    device_driver_is_vfio(home.driver))
		return false;
	return step->kind == STEP_UDEV ||
	       (step->kind == STEP_UNIT && unit_value_parse(step->before, &unit) && !*unit.drm);
}

/*
 * A step waits for the later ones on its own cell's device (its power for its driver, say), and for
 * those on devices that must not change hands one by one.
 */
static bool must_wait(const struct execution *execution, size_t index)
{
	const struct step *steps = execution->journal.steps;
	const struct step *step = &steps[index];
	const struct step_ops *ops = step_ops(step->kind);

	for (size_t i = index; i < execution->journal.step_count; i++) {
		if (execution->stuck[i] && (strcmp(steps[i].target, step->target) == 0 ||
					    would_use_it(execution, step, i)))
			return true;
		if (i == index || !is_unsettled(execution, i))
			continue;
		if (strcmp(steps[i].target, step->target) == 0 || stands_on(step, &steps[i]))
			return true;
		if (steps[i].kind == step->kind && !step_is_parallel(step, &steps[i]) &&
		    ops->waits_for &&
		    ops->waits_for(execution->host, step->target, steps[i].target,
				   was_lent(&execution->journal, i)))
			return true;
	}
	return false;
}

/* Nothing is (or can be) done about this step any more; note says why to whoever reads the log. */
static int close_step(struct execution *execution, size_t index, bool left, const char *note,
		      struct error *err)
{
	int ret = execution_mark(execution, MARK_UNDONE, index, err);
	struct step_event event = {.undo = true, .left = left, .failed = ret < 0, .note = note};

	execution_report(execution, index, event);
	return ret;
}

/* Is it where it was, and nobody about to change that for us? */
static enum step_state state_of(const struct execution *execution, size_t index, const char *now)
{
	const struct journal *journal = &execution->journal;
	enum step_state state = step_state(journal->steps, index, now);

	if (state == STEP_AT_HOME &&
	    (journal->marks[index] == MARK_BEGUN || journal->marks[index] == MARK_IN_FLIGHT) &&
	    step_ops(journal->steps[index].kind)->queued)
		return STEP_TO_UNDO;
	return state;
}

/* The last guest that needs a shared cell puts it back, not an earlier one. */
static int look_for_need(struct execution *execution, size_t index, struct job *jobs, size_t *count,
			 struct error *err)
{
	const struct step *step = &execution->journal.steps[index];
	auto_free char *guest = NULL, *name = NULL, *note = NULL;
	int ret = shared_needed(execution, index, &guest, err);

	if (ret < 0)
		return ret;
	if (!guest) {
		jobs[(*count)++] =
			(struct job){.execution = execution, .index = index, .value = step->before};
		return 0;
	}
	name = text_escape(guest);
	note = xasprintf("left to guest %s, which needs it as it is", name);
	ret = execution_mark(execution, MARK_UNDONE, index, err);
	if (ret == 0)
		execution_report(execution, index,
				 (struct step_event){.undo = true, .needed = true, .note = note});
	return ret;
}

/* A cell that cannot be read because its subject is gone has nothing left to restore. */
static int look_at_undo(struct execution *execution, size_t index, struct job *jobs, size_t *count,
			struct error *err)
{
	const struct journal *journal = &execution->journal;
	const struct step *step = &journal->steps[index];
	char now[CELL_VALUE_SIZE], note[CELL_VALUE_SIZE + 64];
	struct error failure = ERROR_INIT;
	int ret;

	if (note_of_stranger(execution, step))
		return close_step(execution, index, true, note_of_stranger(execution, step), err);
	if (step_ops(step->kind)->keep)
		return close_step(execution, index, true, step_ops(step->kind)->keep, err);
	ret = job_read(execution, index, now, &failure);
	if (ret == -ENODEV || ret == -ENOENT)
		return close_step(execution, index, true, failure.text, err);
	if (ret < 0) {
		*err = failure;
		return ret;
	}
	switch (state_of(execution, index, now)) {
	case STEP_AT_HOME:
		return close_step(execution, index, false, NULL, err);
	case STEP_FOREIGN:
		snprintf(note, sizeof(note), "it is %s now: somebody changed it after us", now);
		return close_step(execution, index, true, note, err);
	case STEP_TO_UNDO:
		return look_for_need(execution, index, jobs, count, err);
	}
	return 0;
}

static bool has_time(const struct execution *execution)
{
	return execution_left_ms(execution) >= EXECUTION_LEAST_MS;
}

/* Into the jobs where there is something to undo. */
static void look_or_tell(struct execution *execution, size_t index, struct job *jobs, size_t *count,
			 struct error *err)
{
	struct error failure = ERROR_INIT;
	struct step_event event = {.undo = true, .failed = true, .note = failure.text};

	if (look_at_undo(execution, index, jobs, count, &failure) == 0)
		return;
	execution_report(execution, index, event);
	error_keep_first(err, &failure);
}

/*
 * Those that somebody else has changed behind the look are looked at once more, into again; the
 * last time there is none.
 */
static size_t undo_jobs(struct execution *execution, struct job *jobs, size_t count,
			struct job *again, struct error *err)
{
	auto_free struct worker *workers = jobs_run(jobs, count);
	size_t again_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (again && job_was_not_begun(&workers[i]))
			look_or_tell(execution, jobs[i].index, again, &again_count, err);
		else
			job_settle(execution, &jobs[i], &workers[i], true, err);
	}
	return again_count;
}

static bool is_due(const struct execution *execution, size_t index)
{
	return is_unsettled(execution, index) && is_wanted(execution, index) &&
	       !must_wait(execution, index);
}

/* A shared cell is a batch of its own. False: the time was over before all were looked at. */
static bool undo_batch(struct execution *execution, size_t start, size_t last, struct error *err)
{
	auto_free struct job *jobs = xcalloc(last - start + 1, sizeof(*jobs));
	auto_free struct job *again = xcalloc(last - start + 1, sizeof(*again));
	struct error failure = ERROR_INIT;
	size_t count = 0, index = start;

	if (start == last && !is_due(execution, start))
		return true;
	if (shared_enter(execution, start, true, &failure) < 0) {
		error_keep_first(err, &failure);
		return true;
	}
	/* Of many devices each may keep who looks at it for some seconds. */
	for (; index <= last && has_time(execution); index++)
		if (is_due(execution, index))
			look_or_tell(execution, index, jobs, &count, err);
	count = undo_jobs(execution, jobs, count, again, err);
	undo_jobs(execution, again, count, NULL, err);
	shared_leave(execution, start);
	return index > last;
}

/* What to say where nothing failed now, but an earlier operation has not come back. */
static void name_stuck(const struct execution *execution, struct error *err)
{
	error_set(err, EBUSY, "not everything is settled");
	for (size_t i = 0; i < execution->journal.step_count; i++) {
		if (!execution->stuck[i])
			continue;
		flight_name(execution, i, err);
		return;
	}
}

static int do_nothing(void *data, struct error *err)
{
	(void)data;
	(void)err;
	return 0;
}

/* A child that answers to nobody does the rest, once our locks are free. */
static void leave_settler(struct execution *execution)
{
	struct worker settler = {
		.work = do_nothing, .on_orphaned = execution->late, .data = execution->late_data};

	if (execution->late)
		workers_run(&settler, 1);
}

static bool is_settled(const struct execution *execution)
{
	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (is_unsettled(execution, i) && is_wanted(execution, i))
			return false;
	return true;
}

static bool is_in_flight(const struct execution *execution)
{
	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (execution->stuck[i] && execution->journal.marks[i] == MARK_IN_FLIGHT)
			return true;
	return false;
}

/*
 * Who comes back for what is left. One that is in flight settles all the rest when it is back;
 * whose worker was killed is tried again once only, as what has killed it may kill the next.
 */
static void leave_rest(struct execution *execution, bool whole, struct error *err)
{
	const struct journal *journal = &execution->journal;

	execution->rest = REST_NONE;
	if (is_settled(execution))
		return;
	if (!whole) {
		execution->rest = REST_LATER;
		if (execution->deadline_is_total)
			error_set(err, EINPROGRESS, "the time for it (total-time = %u s) is over",
				  journal->limits.total_ms / 1000);
		else
			error_set(err, EINPROGRESS, "the time for it is over");
		leave_settler(execution);
		return;
	}
	if (execution->killed && !is_in_flight(execution)) {
		execution->rest = REST_KILLED;
		if (execution->deadline_ms)
			leave_settler(execution);
	} else if (execution_is_stuck(execution)) {
		execution->rest = REST_IN_FLIGHT;
	}
	if (err->code == 0)
		name_stuck(execution, err);
}

/* The run is over, whoever reads its journal after our death. */
static void begin_return(struct execution *execution)
{
	bool *returning = &execution->journal.returning;

	if (*returning || execution->only || execution->goes_on)
		return;
	*returning = true;
	execution_write(execution, JOURNAL_RETURNING, strlen(JOURNAL_RETURNING), NULL);
}

int execution_undo(struct execution *execution, struct error *err)
{
	const struct journal *journal = &execution->journal;
	struct error failure = ERROR_INIT;
	size_t last = journal->step_count;
	bool whole = true;

	begin_return(execution);
	sockets_clear(execution, &failure);
	while (last > 0 && whole && has_time(execution)) {
		size_t start = batch_start(journal, last - 1);

		whole = undo_batch(execution, start, last - 1, &failure);
		last = start;
	}
	workers_dismiss();
	leave_rest(execution, last == 0 && whole, &failure);
	if (failure.code && err)
		*err = failure;
	return -failure.code;
}
