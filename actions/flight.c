// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known, written and said of a worker that the kernel keeps.
 * Tests: unit/test-deadline.c, model/test-stuck.c.
 */
#include "actions/flight.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/stall.h"
#include "state/journal-file.h"
#include "state/step-lock.h"

bool flight_begin(struct execution *execution, size_t index, const struct worker *worker)
{
	struct journal_process process = {.pid = worker->pid};
	auto_text struct text line = TEXT_INIT;
	struct pid_stat stat;

	/* Without its start time the hold alone must tell. */
	if (worker->pid == 0 || pid_stat_read(execution->host, worker->pid, &stat, NULL) < 0 ||
	    !stat.start_time)
		return true;
	process.start_time = stat.start_time;
	journal_format_in_flight(index, &process, &line);
	if (execution_write(execution, line.data, line.length, NULL) < 0)
		return true;
	execution->journal.marks[index] = MARK_IN_FLIGHT;
	execution->journal.workers[index] = process;
	/*
	 * It takes its hold before it asks whether anybody still waits, which nobody does by now.
	 * So what is not held is either back, or will not begin.
	 */
	if (step_lock_is_taken(execution->journal_fd, index))
		return true;
	return execution_mark(execution, MARK_BEGUN, index, NULL) < 0;
}

/* " in nvidia_remove", or nothing. */
static void tell_place(const struct host *host, pid_t pid, struct text *out)
{
	char wchan[STALL_WCHAN_SIZE];

	stall_wchan(host, pid, wchan);
	if (*wchan)
		text_printf(out, ", waiting in %s", wchan);
}

void flight_tell(const struct execution *execution, size_t index, const struct worker *worker,
		 struct error *err, struct text *details)
{
	const struct step *step = &execution->journal.steps[index];
	auto_text struct text place = TEXT_INIT;
	uint64_t now_ms = host_now_ms();

	if (worker->pid == 0)
		return;
	tell_place(execution->host, worker->pid, &place);
	error_set(err, ETIMEDOUT,
		  "the kernel has not answered for %llu s; the step is in flight (process %d%s)",
		  (unsigned long long)((worker->duration_ms - worker->paused_ms) / 1000),
		  (int)worker->pid, text_string(&place));
	stall_stack(execution->host, worker->pid, details);
	stall_kernel_lines(execution->host, worker->pid, step->target,
			   now_ms > worker->duration_ms ? now_ms - worker->duration_ms : 0,
			   details);
}

void flight_name(const struct execution *execution, size_t index, struct error *err)
{
	const struct step *step = &execution->journal.steps[index];
	const struct journal_process *process = &execution->journal.workers[index];
	auto_text struct text who = TEXT_INIT;

	if (execution->killed && execution->journal.marks[index] != MARK_IN_FLIGHT &&
	    !step_lock_is_taken(execution->journal_fd, index)) {
		error_set(err, EINPROGRESS,
			  "the process that changed %s %s was killed, and how far it came is not "
			  "known",
			  step_kind_name(step->kind), step->target);
		return;
	}
	if (execution->journal.marks[index] == MARK_IN_FLIGHT) {
		text_printf(&who, " (in flight in process %d", process->pid);
		tell_place(execution->host, process->pid, &who);
		text_printf(&who, ")");
	}
	error_set(err, EINPROGRESS, "the kernel is still busy with an earlier change of %s %s%s",
		  step_kind_name(step->kind), step->target, text_string(&who));
}
