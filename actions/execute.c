// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a plan becomes a changed host, and a journal the host as it was: what is written down before
 * what, what counts as done, and what is left alone.
 */
#include "actions/execute.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/journal.h"
#include "actions/table.h"
#include "base/cleanup.h"
#include "base/worker.h"

/* One step's set, as a worker does it. */
struct job {
	struct host *host;
	const struct step *step;
	size_t index;
	const char *value; /* to be set */
};

static int job_run(void *data, struct error *err)
{
	const struct job *job = data;

	return step_ops(job->step->kind)->set(job->host, job->step->target, job->value, err);
}

static void take_over(struct execution *ret, struct host *host, struct journal *journal, int fd)
{
	*ret = (struct execution){
		.host = host,
		.journal = *journal,
		.journal_fd = fd,
		.stuck = xcalloc(journal->step_count, sizeof(*ret->stuck)),
	};
	memset(journal, 0, sizeof(*journal));
}

int execution_create(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err)
{
	int fd, result = journal_file_create(host, journal, &fd, err);

	if (result == 0)
		take_over(ret, host, journal, fd);
	return result;
}

int execution_resume(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err)
{
	int fd, result = journal_file_open(host, journal, &fd, err);

	if (result == 0)
		take_over(ret, host, journal, fd);
	return result;
}

void execution_done(struct execution *execution)
{
	journal_done(&execution->journal);
	if (execution->journal_fd > 0)
		close(execution->journal_fd);
	execution->journal_fd = -1;
	free(execution->stuck);
	execution->stuck = NULL;
}

int execution_finish(struct execution *execution, struct error *err)
{
	return journal_file_remove(execution->host, &execution->journal, err);
}

static int read_cell(const struct execution *execution, size_t index, char value[CELL_VALUE_SIZE],
		     struct error *err)
{
	const struct step *step = &execution->journal.steps[index];

	return step_ops(step->kind)->read(execution->host, step->target, value, err);
}

static void report(const struct execution *execution, size_t index, bool undo, uint64_t duration_ms,
		   const char *note)
{
	struct step_event event = {
		.step = &execution->journal.steps[index],
		.undo = undo,
		.mark = execution->journal.marks[index],
		.duration_ms = duration_ms,
		.note = note,
	};

	if (execution->report)
		execution->report(execution->report_data, &event);
}

/* Marks the steps of all jobs with one write: either all are announced or none is. */
static int mark_jobs(struct execution *execution, enum journal_mark mark, const struct job *jobs,
		     size_t count, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	int ret;

	if (count == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		journal_format_mark(mark, jobs[i].index, &text);
	ret = journal_file_append(execution->journal_fd, text.data, text.length, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < count; i++)
		execution->journal.marks[jobs[i].index] = mark;
	return 0;
}

static int mark_one(struct execution *execution, enum journal_mark mark, size_t index,
		    struct error *err)
{
	struct job job = {.index = index};

	return mark_jobs(execution, mark, &job, 1, err);
}

static void keep_first(struct error *first, const struct error *next)
{
	if (first && first->code == 0)
		*first = *next;
}

static struct worker *workers_new(struct job *jobs, size_t count)
{
	struct worker *workers = xcalloc(count, sizeof(*workers));

	for (size_t i = 0; i < count; i++) {
		workers[i].work = job_run;
		workers[i].data = &jobs[i];
		workers[i].timeout_ms = step_ops(jobs[i].step->kind)->timeout_ms;
	}
	return workers;
}

/* The end of the run of steps from start on that may be worked on at once. */
static size_t batch_end(const struct journal *journal, size_t start)
{
	size_t end = start + 1;

	for (; end < journal->step_count; end++)
		for (size_t i = start; i < end; i++)
			if (!step_is_parallel(&journal->steps[i], &journal->steps[end]))
				return end;
	return end;
}

/* The same backwards: the first step of the run that ends with last. */
static size_t batch_start(const struct journal *journal, size_t last)
{
	size_t start = last;

	for (; start > 0; start--)
		for (size_t i = start; i <= last; i++)
			if (!step_is_parallel(&journal->steps[i], &journal->steps[start - 1]))
				return start;
	return start;
}

/*
 * Looks at a step's cell before anything is done: into the jobs with it, or marked as standing at
 * its value already, or an error where the host is not as the plan found it.
 */
static int prepare_step(struct execution *execution, size_t index, struct job *jobs, size_t *count,
			struct error *err)
{
	const struct step *step = &execution->journal.steps[index];
	char now[CELL_VALUE_SIZE];
	int ret = read_cell(execution, index, now, err);

	if (ret < 0)
		return ret;
	if (strcmp(now, step->after) == 0) {
		/* Where nothing was to change, there may still be something to restore. */
		bool ours = strcmp(step->before, step->after) == 0;

		ret = mark_one(execution, ours ? MARK_DONE : MARK_SKIPPED, index, err);
		if (ret == 0)
			report(execution, index, false, 0, NULL);
		return ret;
	}
	if (strcmp(now, step->before) != 0)
		return error_set(err, ESTALE, "%s %s is %s, no longer %s: somebody else changed it",
				 step_kind_name(step->kind), step->target, now, step->before);
	jobs[(*count)++] = (struct job){execution->host, step, index, step->after};
	return 0;
}

/* Only what is read back counts; the write's own answer is the explanation when it differs. */
static int verify_job(struct execution *execution, const struct job *job,
		      const struct worker *worker, struct error *err)
{
	char now[CELL_VALUE_SIZE];
	int ret;

	if (worker->result == -ETIMEDOUT) {
		*err = worker->error;
		return worker->result;
	}
	ret = read_cell(execution, job->index, now, err);
	if (ret < 0)
		return ret;
	if (strcmp(now, job->value) == 0)
		return 0;
	if (worker->result < 0) {
		*err = worker->error;
		return worker->result;
	}
	return error_set(err, EIO, "it is %s, not %s", now, job->value);
}

static int settle_job(struct execution *execution, const struct job *job,
		      const struct worker *worker, struct error *err)
{
	struct error failure = ERROR_INIT;
	int ret = verify_job(execution, job, worker, &failure);

	execution->stuck[job->index] = worker->result == -ETIMEDOUT;
	if (ret == 0)
		ret = mark_one(execution, MARK_DONE, job->index, &failure);
	report(execution, job->index, false, worker->duration_ms, ret < 0 ? failure.text : NULL);
	if (ret < 0) {
		error_wrap(&failure, "%s %s -> %s", step_kind_name(job->step->kind),
			   job->step->target, job->value);
		keep_first(err, &failure);
	}
	return ret;
}

static int run_batch(struct execution *execution, size_t start, size_t end, struct error *err)
{
	auto_free struct job *jobs = xcalloc(end - start, sizeof(*jobs));
	auto_free struct worker *workers = NULL;
	struct error failure = ERROR_INIT;
	size_t count = 0;
	int ret;

	for (size_t index = start; index < end; index++) {
		ret = prepare_step(execution, index, jobs, &count, err);
		if (ret < 0)
			return ret;
	}
	ret = mark_jobs(execution, MARK_BEGUN, jobs, count, err);
	if (ret < 0)
		return ret;
	workers = workers_new(jobs, count);
	workers_run(workers, count);
	for (size_t i = 0; i < count; i++)
		settle_job(execution, &jobs[i], &workers[i], &failure);
	if (failure.code && err)
		*err = failure;
	return -failure.code;
}

int execution_run(struct execution *execution, struct error *err)
{
	size_t start = 0;

	while (start < execution->journal.step_count) {
		size_t end = batch_end(&execution->journal, start);
		int ret = run_batch(execution, start, end, err);

		if (ret < 0)
			return ret;
		start = end;
	}
	return 0;
}

/* Nothing is (or can be) done about this step any more; note says why to whoever reads the log. */
static int close_step(struct execution *execution, size_t index, const char *note,
		      struct error *err)
{
	int ret = mark_one(execution, MARK_UNDONE, index, err);

	report(execution, index, true, 0, note);
	return ret;
}

/*
 * Decides about one step on the way back. A cell that cannot be read because its device is gone
 * has nothing left to restore.
 */
static int prepare_undo(struct execution *execution, size_t index, struct job *jobs, size_t *count,
			struct error *err)
{
	const struct journal *journal = &execution->journal;
	const struct step *step = &journal->steps[index];
	char now[CELL_VALUE_SIZE], note[CELL_VALUE_SIZE + 64];
	int ret;

	if (journal->marks[index] != MARK_BEGUN && journal->marks[index] != MARK_DONE)
		return 0;
	if (step_ops(step->kind)->keep)
		return close_step(execution, index, "kept", err);
	ret = read_cell(execution, index, now, err);
	if (ret == -ENODEV || ret == -ENOENT)
		return close_step(execution, index, "the device is gone", err);
	if (ret < 0)
		return ret;
	switch (step_state(journal->steps, index, now)) {
	case STEP_AT_HOME:
		return close_step(execution, index, NULL, err);
	case STEP_FOREIGN:
		snprintf(note, sizeof(note), "left at %s: somebody changed it after us", now);
		return close_step(execution, index, note, err);
	case STEP_TO_UNDO:
		jobs[(*count)++] = (struct job){execution->host, step, index, step->before};
		break;
	}
	return 0;
}

static void settle_undo(struct execution *execution, const struct job *job,
			const struct worker *worker, struct error *err)
{
	struct error failure = ERROR_INIT;
	int ret = verify_job(execution, job, worker, &failure);

	execution->stuck[job->index] = worker->result == -ETIMEDOUT;
	if (ret == 0)
		ret = mark_one(execution, MARK_UNDONE, job->index, &failure);
	report(execution, job->index, true, worker->duration_ms, ret < 0 ? failure.text : NULL);
	if (ret == 0)
		return;
	error_wrap(&failure, "return %s %s to %s", step_kind_name(job->step->kind),
		   job->step->target, job->value);
	keep_first(err, &failure);
}

/* Is a worker still at work on this step's device? A second one would only queue up behind it. */
static bool is_stuck(const struct execution *execution, size_t index)
{
	const struct step *steps = execution->journal.steps;

	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (execution->stuck[i] && strcmp(steps[i].target, steps[index].target) == 0)
			return true;
	return false;
}

static void undo_batch(struct execution *execution, size_t start, size_t last, struct error *err)
{
	auto_free struct job *jobs = xcalloc(last - start + 1, sizeof(*jobs));
	auto_free struct worker *workers = NULL;
	size_t count = 0;

	for (size_t index = start; index <= last; index++) {
		struct error failure = ERROR_INIT;

		if (!is_stuck(execution, index) &&
		    prepare_undo(execution, index, jobs, &count, &failure) < 0)
			keep_first(err, &failure);
	}
	workers = workers_new(jobs, count);
	workers_run(workers, count);
	for (size_t i = 0; i < count; i++)
		settle_undo(execution, &jobs[i], &workers[i], err);
}

int execution_undo(struct execution *execution, struct error *err)
{
	const struct journal *journal = &execution->journal;
	struct error failure = ERROR_INIT;
	size_t last = journal->step_count;

	while (last > 0) {
		size_t start = batch_start(journal, last - 1);

		undo_batch(execution, start, last - 1, &failure);
		last = start;
	}
	if (failure.code == 0 && !journal_is_settled(journal))
		error_set(&failure, EBUSY, "a write of the kernel has not returned");
	if (failure.code && err)
		*err = failure;
	return -failure.code;
}
