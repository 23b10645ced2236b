// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cells are read in this process where that can not block, and else by the workers that will set
 * them, or whom it does not matter to lose.
 */
#include "actions/reading.h"

#include <signal.h>
#include <string.h>

#include "actions/job.h"
#include "actions/table.h"
#include "base/cleanup.h"
#include "base/text.h"

static unsigned int timeout_of(const struct execution *execution, size_t index)
{
	const struct step_ops *ops = step_ops(execution->journal.steps[index].kind);

	return ops->read_timeout_ms ? ops->read_timeout_ms : ops->recheck_timeout_ms;
}

static void read_here(const struct execution *execution, struct reading *reading)
{
	const struct step *step = &execution->journal.steps[reading->index];

	reading->error = (struct error)ERROR_INIT;
	reading->result =
		step_ops(step->kind)
			->read(execution->host, step->target, reading->value, &reading->error);
}

static void take(struct reading *reading, const struct worker *worker)
{
	/* It changes nothing: let it end where it may. */
	if (worker->pid > 0)
		kill(worker->pid, SIGKILL);
	reading->result = worker->result;
	reading->error = worker->error;
	memcpy(reading->value, worker->output, CELL_VALUE_SIZE);
}

void readings_run(const struct execution *execution, struct reading *readings, size_t count)
{
	auto_free struct reading **read = xcalloc(count + 1, sizeof(struct reading *));
	auto_free struct worker *workers = xcalloc(count + 1, sizeof(*workers));
	auto_free struct job *jobs = xcalloc(count + 1, sizeof(*jobs));
	size_t job_count = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned int timeout_ms = timeout_of(execution, readings[i].index);

		if (timeout_ms == 0) {
			read_here(execution, &readings[i]);
			continue;
		}
		jobs[job_count] = (struct job){.execution = execution, .index = readings[i].index};
		job_worker(&jobs[job_count], &workers[job_count]);
		workers[job_count].timeout_ms = execution_clip(execution, timeout_ms);
		read[job_count++] = &readings[i];
	}
	if (job_count > 0)
		workers_run(workers, job_count);
	for (size_t i = 0; i < job_count; i++)
		take(read[i], &workers[i]);
}
