// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which service must make way for its socket on the way back: a hook that died, or failed, between
 * stopping the two leaves the service running without its socket, for ever if nothing is done.
 */
#include "actions/sockets.h"

#include <string.h>

#include "actions/job.h"
#include "actions/shared.h"
#include "base/cleanup.h"
#include "model/holder.h"

/* Is the step that of a socket which the service's step names? */
static bool is_socket_of(const struct step *step, const struct step *service)
{
	char name[CELL_NAME_SIZE * 2];
	const char *own, *sockets;
	struct unit_value value;
	uid_t manager, other;

	if (step->kind != STEP_UNIT || service->kind != STEP_UNIT ||
	    !unit_value_parse(service->before, &value) ||
	    !unit_target_parse(service->target, &manager, &own) ||
	    !unit_target_parse(step->target, &other, &own) || manager != other)
		return false;
	sockets = value.sockets;
	while (unit_value_next_socket(&sockets, name))
		if (strcmp(name, own) == 0)
			return true;
	return false;
}

static bool reads(const struct execution *execution, size_t index, const char *value)
{
	char now[CELL_VALUE_SIZE];

	return job_read(execution, index, now, NULL) == 0 && strcmp(now, value) == 0;
}

/* Ours to start again, and down. What another guest needs so stays so. */
static bool is_to_come_back(const struct execution *execution, size_t index)
{
	auto_free char *guest = NULL;

	return journal_mark_is_unsettled(execution->journal.marks[index]) &&
	       !execution->stuck[index] && reads(execution, index, "inactive") &&
	       shared_needed(execution, index, &guest, NULL) == 0 && !guest;
}

static bool is_in_the_way(const struct execution *execution, size_t service)
{
	const struct step *steps = execution->journal.steps;

	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (is_socket_of(&steps[i], &steps[service]) && is_to_come_back(execution, i))
			return !execution->stuck[service] && reads(execution, service, "active");
	return false;
}

static void stop(struct execution *execution, size_t index, struct error *err)
{
	struct job job = {.execution = execution,
			  .index = index,
			  .value = execution->journal.steps[index].after};
	struct error failure = ERROR_INIT;
	auto_free struct worker *worker = NULL;

	if (execution->stuck[index] || !reads(execution, index, "active"))
		return;
	if (jobs_begin(execution, &job, 1, &failure) < 0) {
		error_keep_first(err, &failure);
		return;
	}
	worker = jobs_run(&job, 1);
	job_settle(execution, &job, worker, false, err);
}

static void stop_alone(struct execution *execution, size_t index, struct error *err)
{
	struct error failure = ERROR_INIT;

	if (shared_enter(execution, index, true, &failure) < 0) {
		error_keep_first(err, &failure);
		return;
	}
	stop(execution, index, err);
	shared_leave(execution, index);
}

/* As on the way there: a socket that still is up would start its service at once. */
static void make_way(struct execution *execution, size_t service, struct error *err)
{
	const struct step *steps = execution->journal.steps;

	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (is_socket_of(&steps[i], &steps[service]))
			stop_alone(execution, i, err);
	stop_alone(execution, service, err);
}

void sockets_clear(struct execution *execution, struct error *err)
{
	for (size_t i = execution->from; i < execution->journal.step_count; i++)
		if (execution_left_ms(execution) >= EXECUTION_LEAST_MS &&
		    is_in_the_way(execution, i))
			make_way(execution, i, err);
}
