// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cells are read in this process where that can not block, and else in one child for them all: a
 * child is dear where many devices are lent, and only one of their readings can be the first that
 * does not come back.
 */
#include "actions/reading.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "actions/job.h"
#include "actions/table.h"
#include "base/cleanup.h"
#include "base/text.h"

#define NEXT_MS 1000 /* what each further reading may take on top of the longest */

/* What the child has read, in memory that both have. */
struct finding {
	atomic_bool is_there;
	struct reading reading;
};

struct errand {
	const struct execution *execution;
	struct finding *findings;
	size_t count;
};

static void read_one(const struct execution *execution, struct reading *reading)
{
	const struct step *step = &execution->journal.steps[reading->index];

	reading->error = (struct error)ERROR_INIT;
	reading->result =
		step_ops(step->kind)
			->read(execution->host, step->target, reading->value, &reading->error);
}

static int errand_run(void *data, struct error *err)
{
	const struct errand *errand = data;

	(void)err;
	for (size_t i = 0; i < errand->count; i++) {
		read_one(errand->execution, &errand->findings[i].reading);
		atomic_store(&errand->findings[i].is_there, true);
	}
	return 0;
}

static unsigned int timeout_of(const struct execution *execution, size_t index)
{
	const struct step_ops *ops = step_ops(execution->journal.steps[index].kind);

	return ops->read_timeout_ms ? ops->read_timeout_ms : ops->look_timeout_ms;
}

static void fail(struct reading *reading, int result, const struct error *error)
{
	reading->result = result;
	reading->error = *error;
}

/* The first that is missing has the child's fate, and nobody has come to the others. */
static void fetch(struct reading *reading, struct finding *finding, const struct worker *worker,
		  bool *lost)
{
	struct error error = ERROR_INIT;

	if (atomic_load(&finding->is_there)) {
		*reading = finding->reading;
	} else if (*lost || worker->result == 0) {
		error_set(&error, ECANCELED, "not read");
		fail(reading, -ECANCELED, &error);
	} else {
		fail(reading, worker->result, &worker->error);
		*lost = true;
	}
}

static void read_in_child(const struct execution *execution, struct reading **readings,
			  size_t count, unsigned int timeout_ms)
{
	const size_t size = count * sizeof(struct finding);
	struct errand errand = {.execution = execution, .count = count};
	struct worker worker = {.work = errand_run,
				.data = &errand,
				.timeout_ms = execution_clip(execution, timeout_ms)};
	struct error error = ERROR_INIT;
	bool lost = false;

	errand.findings =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (errand.findings == MAP_FAILED) {
		error_errno(&error, errno, "memory for what is read");
		for (size_t i = 0; i < count; i++)
			fail(readings[i], -error.code, &error);
		return;
	}
	for (size_t i = 0; i < count; i++)
		errand.findings[i].reading.index = readings[i]->index;
	workers_run(&worker, 1);
	/* It changes nothing: let it end where it may. */
	if (worker.pid > 0)
		kill(worker.pid, SIGKILL);
	for (size_t i = 0; i < count; i++)
		fetch(readings[i], &errand.findings[i], &worker, &lost);
	munmap(errand.findings, size);
}

void readings_run(const struct execution *execution, struct reading *readings, size_t count)
{
	auto_free struct reading **blocking = xcalloc(count + 1, sizeof(struct reading *));
	unsigned int longest_ms = 0;
	size_t blocking_count = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned int timeout_ms = timeout_of(execution, readings[i].index);

		if (timeout_ms == 0) {
			read_one(execution, &readings[i]);
			continue;
		}
		if (longest_ms < timeout_ms)
			longest_ms = timeout_ms;
		blocking[blocking_count++] = &readings[i];
	}
	if (blocking_count > 0)
		read_in_child(execution, blocking, blocking_count,
			      longest_ms + (unsigned int)(blocking_count - 1) * NEXT_MS);
}
