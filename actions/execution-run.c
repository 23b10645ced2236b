// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a plan becomes a changed host: what is looked at and written down before each change, and
 * where it stops. Tests: unit/test-execute.c, unit/test-between.c.
 */
#include "actions/execution-run.h"

#include <errno.h>
#include <string.h>

#include "actions/flight.h"
#include "actions/job.h"
#include "actions/shared.h"
#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "model/step-words.h"

static bool is_parallel(const struct execution *execution, const struct step *a,
			const struct step *b)
{
	const struct step_ops *ops = step_ops(b->kind);

	return step_is_parallel(a, b) &&
	       !(ops->excludes && ops->excludes(execution->host, b->target, b->after, a->target));
}

static bool asks(const struct execution *execution, size_t index)
{
	return step_ops(execution->journal.steps[index].kind)->asks;
}

/*
 * The end of the run of steps from start on that may be worked on at once, with the questions in
 * front of them.
 */
static size_t batch_end(const struct execution *execution, size_t start)
{
	const struct journal *journal = &execution->journal;
	size_t first = start, end;

	while (first < journal->step_count && asks(execution, first))
		first++;
	if (first == journal->step_count)
		return first;
	for (end = first + 1; end < journal->step_count; end++)
		for (size_t i = first; i < end; i++)
			if (!is_parallel(execution, &journal->steps[i], &journal->steps[end]))
				return end;
	return end;
}

/* Was this cell set by loading the driver's module, which this run has done? */
static bool came_with_module(const struct journal *journal, size_t index)
{
	struct driver_value after;

	if (journal->steps[index].kind != STEP_DRIVER ||
	    !driver_value_parse(journal->steps[index].after, &after))
		return false;
	for (size_t i = 0; i < index; i++)
		if (journal->steps[i].kind == STEP_MODULE && journal->marks[i] == MARK_DONE &&
		    module_name_equal(journal->steps[i].target, after.driver))
			return true;
	return false;
}

/* Units of one manager: "1000/foo.service" is another's than "foo.service". */
static bool same_manager(const char *target, const char *other)
{
	const char *slash = strchr(target, '/'), *other_slash = strchr(other, '/');
	size_t length = slash ? (size_t)(slash - target) : 0;

	return length == (other_slash ? (size_t)(other_slash - other) : 0) &&
	       memcmp(target, other, length) == 0;
}

/*
 * Did this unit, which ran when the plan was made, stop along with another that this run has
 * stopped (a service with the socket that it requires)? Then it does not come back by itself.
 */
static bool stopped_along(const struct journal *journal, size_t index)
{
	const struct step *step = &journal->steps[index];

	for (size_t i = 0; step->kind == STEP_UNIT && i < index; i++)
		if (journal->steps[i].kind == STEP_UNIT && journal->marks[i] == MARK_DONE &&
		    same_manager(journal->steps[i].target, step->target))
			return true;
	return false;
}

/*
 * Nothing to set. Where nothing was to change either, there may still be something to restore; a
 * gate that stood open is just passed.
 */
static int settle_found(struct execution *execution, size_t index, struct error *err)
{
	const struct step *step = &execution->journal.steps[index];
	auto_free char *guest = NULL, *note = NULL;
	int ret = shared_needed(execution, index, &guest, err);
	bool ours = guest || (!step_kind_is_gate(step->kind) &&
			      (step_value_equal(step->kind, step->before, step->after) ||
			       came_with_module(&execution->journal, index) ||
			       stopped_along(&execution->journal, index)));

	if (ret == 0)
		ret = execution_mark(execution, ours ? MARK_DONE : MARK_SKIPPED, index, err);
	if (ret < 0)
		return ret;
	if (guest) {
		auto_free char *name = text_escape(guest);

		note = xasprintf("guest %s needs it so, too", name);
	}
	execution_report(execution, index, (struct step_event){.needed = guest, .note = note});
	return 0;
}

static struct job job_of(struct execution *execution, size_t index)
{
	return (struct job){.execution = execution,
			    .index = index,
			    .value = execution->journal.steps[index].after};
}

/*
 * Looks at a step's cell before anything is done: into the jobs with it, or marked as standing at
 * its value already, or an error where the host is not as the plan found it.
 */
static int look_at_step(struct execution *execution, struct reading *reading, struct job *jobs,
			size_t *count, struct error *err)
{
	const size_t index = reading->index;
	const struct step *step = &execution->journal.steps[index];
	const char *now = reading->value;
	int ret = job_absent_is_value(execution, index, reading->result, reading->value);

	if (ret < 0) {
		*err = reading->error;
		return ret;
	}
	if (step_value_equal(step->kind, now, step->after))
		return settle_found(execution, index, err);
	if (!step_may_begin(execution->journal.steps, index, now)) {
		auto_free char *state = step_words_state(step, now);

		return error_set(err, ESTALE, "%s by now: somebody else changed it", state);
	}
	jobs[(*count)++] = job_of(execution, index);
	return 0;
}

/* No second operation queues up behind one that does not return. */
static int check_stuck(const struct execution *execution, size_t index, struct error *err)
{
	const struct step *steps = execution->journal.steps;

	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (execution->stuck[i] && strcmp(steps[i].target, steps[index].target) == 0) {
			flight_name(execution, i, err);
			return -EINPROGRESS;
		}
	return 0;
}

/* Those that are to be read: not what is stuck, nor what stands behind it. */
static size_t list_readings(const struct execution *execution, size_t start, size_t end,
			    struct reading *ret)
{
	size_t count = 0;

	for (size_t index = start; index < end; index++) {
		if (execution->journal.marks[index] != MARK_PLANNED)
			continue;
		if (check_stuck(execution, index, NULL) < 0)
			break;
		if (!asks(execution, index))
			ret[count++].index = index;
	}
	return count;
}

/* Every planned step of the batch is looked at before the first is begun. */
static int look_at_batch(struct execution *execution, size_t start, size_t end, struct job *jobs,
			 size_t *count, struct error *err)
{
	auto_free struct reading *readings = xcalloc(end - start, sizeof(*readings));
	size_t next = 0;

	readings_run(execution, readings, list_readings(execution, start, end, readings));
	for (size_t index = start; index < end; index++) {
		struct error failure = ERROR_INIT;
		struct step_event event = {.failed = true, .note = failure.text};
		int ret;

		if (execution->journal.marks[index] != MARK_PLANNED)
			continue;
		ret = check_stuck(execution, index, &failure);
		if (ret == 0 && asks(execution, index))
			jobs[(*count)++] = job_of(execution, index);
		else if (ret == 0)
			ret = look_at_step(execution, &readings[next++], jobs, count, &failure);
		if (ret == 0)
			continue;
		execution_report(execution, index, event);
		if (err)
			*err = failure;
		return -failure.code;
	}
	return 0;
}

/*
 * Begun, it could last beyond the time in which everything must be back again if it fails. (A
 * question may be cut off.)
 */
static int check_time(const struct job *jobs, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct execution *execution = jobs[i].execution;
		const struct step *step = &execution->journal.steps[jobs[i].index];
		unsigned int timeout_ms = job_timeout_ms(&jobs[i]), total_s;
		auto_free char *words = NULL;

		if (timeout_ms <= execution_left_ms(execution) || step_ops(step->kind)->asks)
			continue;
		total_s = execution->journal.limits.total_ms / 1000;
		words = step_words_failed(step, step->after);
		return error_set(
			err, ETIME,
			"%s, as the start has taken too long by now: this step may take %u s, and "
			"what fails must be undone within total-time = %u s. Look in the log for "
			"what was slow, or set total-time higher in the guest's policy "
			"(hostdev-hook.conf(5))",
			words, (timeout_ms + 999) / 1000, total_s);
	}
	return 0;
}

static int work_on(struct execution *execution, struct job *jobs, size_t count, struct error *err)
{
	auto_free struct worker *workers = NULL;
	struct error failure = ERROR_INIT;
	int ret = check_time(jobs, count, err);

	if (ret == 0)
		ret = jobs_begin(execution, jobs, count, err);
	if (ret < 0)
		return ret;
	workers = jobs_run(jobs, count);
	for (size_t i = 0; i < count; i++)
		job_settle(execution, &jobs[i], &workers[i], false, &failure);
	if (failure.code && err)
		*err = failure;
	return -failure.code;
}

/*
 * The questions one by one, and behind the last answer all others at once. A shared cell is a batch
 * of its own.
 */
static int run_batch(struct execution *execution, size_t start, size_t end, struct error *err)
{
	auto_free struct job *jobs = xcalloc(end - start, sizeof(*jobs));
	size_t count = 0, next = 0;
	int ret;

	if (end == start + 1 && execution->journal.marks[start] != MARK_PLANNED)
		return 0;
	ret = shared_enter(execution, start, false, err);
	if (ret < 0)
		return ret;
	ret = look_at_batch(execution, start, end, jobs, &count, err);
	for (; ret == 0 && next < count && asks(execution, jobs[next].index); next++)
		ret = work_on(execution, &jobs[next], 1, err);
	/* While a later question waited, the earlier answers have grown old. */
	for (size_t i = 0; ret == 0 && i + 1 < next; i++)
		ret = work_on(execution, &jobs[i], 1, err);
	if (ret == 0)
		ret = work_on(execution, &jobs[next], count - next, err);
	shared_leave(execution, start);
	return ret;
}

int execution_run(struct execution *execution, struct error *err)
{
	int ret = 0;

	for (size_t start = 0, end; ret == 0 && start < execution->journal.step_count;
	     start = end) {
		end = batch_end(execution, start);
		ret = run_batch(execution, start, end, err);
	}
	workers_dismiss();
	return ret;
}
