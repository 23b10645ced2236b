/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"
#include "base/worker.h"
#include "model/cell.h"

/*
 * What execution_run and execution_undo share. Private to actions/.
 */

/*
 * One cell that a worker reads or sets. A worker is used again for the next batch. It has the
 * execution as it was at the fork, and uses only what does not change of it.
 */
struct job {
	const struct execution *execution;
	size_t index;      /* of the step */
	const char *value; /* what to set it to: points into the step; NULL: it is only read */
	/* The value that the worker has read at its end; "": it must be read again. */
	char seen[WORKER_OUTPUT_SIZE];
};

/* How long the change may take before its worker counts as stuck. */
unsigned int job_timeout_ms(const struct job *job);

/*
 * Runs all jobs at the same time, no longer than until the execution's deadline. Returns their
 * workers in the same order, which say how each has ended. Heap.
 */
struct worker *jobs_run(struct job *jobs, size_t count);

/* Has the worker changed nothing, as another process had changed the cell before? */
bool job_was_not_begun(const struct worker *worker);

/*
 * Marks and reports what has become of a job. What counts is the value that is read back; if that
 * is not the wanted one, the worker's error explains it. If the worker is stuck, the cell is not
 * read, as that could hang as well, and the step is in flight. *err keeps the first of several
 * failures.
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
 * Reads the cells of the steps. A cell whose reading could block is read in a worker of its own,
 * all of them at the same time.
 */
void readings_run(const struct execution *execution, struct reading *readings, size_t count);
/* Reads the cell of one step. */
int job_read(const struct execution *execution, size_t index, char value[CELL_VALUE_SIZE],
	     struct error *err);
/*
 * On the way there a cell that is gone (ret is the result of reading it) counts as having the value
 * that its kind names (step_ops.absent), if it names one: then value is that, and 0 is returned.
 * Else ret is returned.
 */
int job_absent_is_value(const struct execution *execution, size_t index, int ret,
			char value[CELL_VALUE_SIZE]);

/* Marks the steps of all jobs as begun with one write: either all of them are begun, or none is. */
int jobs_begin(struct execution *execution, const struct job *jobs, size_t count,
	       struct error *err);
