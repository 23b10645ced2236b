/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"
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

/* A cell that is read before anything is done about it. */
struct reading {
	size_t index; /* of the step */
	/* filled in: */
	int result; /* 0 or -errno */
	char value[CELL_VALUE_SIZE];
	struct error error;
};

/*
 * Reads the steps' cells; those that could block at once, in a worker each: one that does not come
 * back is no matter to the others.
 */
void readings_run(const struct execution *execution, struct reading *readings, size_t count);
/* The same of one step. */
int job_read(const struct execution *execution, size_t index, char value[CELL_VALUE_SIZE],
	     struct error *err);
/*
 * What a reading (its result is ret) means on the way there: what is gone has the value that its
 * kind says (step_ops.absent).
 */
int job_absent_is_value(const struct execution *execution, size_t index, int ret,
			char value[CELL_VALUE_SIZE]);

/* Announces the steps of all jobs with one write: either all of them are begun, or none is. */
int jobs_begin(struct execution *execution, const struct job *jobs, size_t count,
	       struct error *err);
