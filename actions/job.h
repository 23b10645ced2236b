/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execute.h"
#include "base/worker.h"
#include "model/cell.h"

/*
 * What carrying a plan out and taking it back share. Private to actions/.
 */

/*
 * One cell to be read or set, by a worker of its own. Workers stay for the next batch: they know
 * the execution as it was when they were forked, and of it only what does not change.
 */
struct job {
	const struct execution *execution;
	size_t index;      /* of the step */
	const char *value; /* points into the step; NULL: it is only read */
	/* What the worker has read when it was through; "": the cell is to be read again. */
	char seen[WORKER_OUTPUT_SIZE];
};

/* How long setting it may take before it counts as stuck. */
unsigned int job_timeout_ms(const struct job *job);

/* What is left until the execution's deadline; less than the least is nothing. */
uint64_t execution_left_ms(const struct execution *execution);

/*
 * A time, or what is left. What is done on the way back ends with the call, and what is not done
 * then ends by itself; but with next to no time, a step would be given up while it is well on its
 * way.
 */
unsigned int execution_clip(const struct execution *execution, unsigned int timeout_ms);

/* Fills in the worker that does it, but for its times. */
void job_worker(struct job *job, struct worker *ret);

/*
 * Runs the jobs at once, none longer than until the execution's deadline; the workers, in the same
 * order, tell how each ended. Heap.
 */
struct worker *jobs_run(struct job *jobs, size_t count);

/* Did its worker find the cell changed by somebody else, and leave it at that? */
bool job_was_not_begun(const struct worker *worker);

/*
 * Believes, marks and reports what became of a job. Only what is read back counts; the worker's own
 * answer is the explanation where it differs. A cell on which a worker is stuck is not read: that
 * could hang as well; it is in flight from then on. The first failure of several is kept in *err.
 */
void job_settle(struct execution *execution, const struct job *job, struct worker *worker,
		bool undo, struct error *err);

/* Before anything is done about it. */
int step_read(const struct execution *execution, size_t index, char value[CELL_VALUE_SIZE],
	      struct error *err);
/*
 * What a reading (its result is ret) means on the way there: what is gone has the value that its
 * kind says (step_ops.absent).
 */
int absent_is_value(const struct execution *execution, size_t index, int ret,
		    char value[CELL_VALUE_SIZE]);

/*
 * Marks the steps of all jobs with one write: either all are announced or none is. On the way there
 * a failure is an error of the run; only MARK_BEGUN, which allows a change, then stays unset.
 */
int jobs_mark(struct execution *execution, enum journal_mark mark, const struct job *jobs,
	      size_t count, struct error *err);
int step_mark(struct execution *execution, enum journal_mark mark, size_t index, struct error *err);

/* Fills in step and mark, and calls the execution's report. */
void step_report(const struct execution *execution, size_t index, struct step_event event);

/* *first = *next unless there is an error in it already. */
void error_keep_first(struct error *first, const struct error *next);
