// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One step as a worker does it, and what is believed of it afterwards.
 * Tests: unit/test-between.c, unit/test-execute-holders.c.
 */
#include "actions/job.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/flight.h"
#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "model/step-words.h"
#include "state/journal-file.h"
#include "state/step-lock.h"

_Static_assert(CELL_VALUE_SIZE <= WORKER_OUTPUT_SIZE, "a value fits into what a worker says");

/* Of the step that this worker has been at. */
static int held = -1;

/*
 * Between the look and this worker's turn lies what the looks at other devices took. 1: somebody
 * else has brought it where it is to go; -ESTALE: somewhere else, and nothing is begun.
 */
static int look_again(const struct job *job, struct error *err)
{
	const struct journal *journal = &job->execution->journal;
	const struct step *step = &journal->steps[job->index];
	auto_free char *state = NULL;
	char now[CELL_VALUE_SIZE];
	int ret = step_ops(step->kind)->read(job->execution->host, step->target, now, err);

	if (ret < 0)
		return ret;
	if (step_value_equal(step->kind, now, job->value))
		return 1;
	if (job->value == step->after ? step_may_begin(journal->steps, job->index, now)
				      : step_state(journal->steps, job->index, now) == STEP_TO_UNDO)
		return 0;
	state = step_words_state(step, now);
	return error_set(err, ESTALE, "%s by now: somebody else changed it", state);
}

/* No question waits for more than half of what is left, so that it still tells who is in the way.
 */
static const char *value_in_time(const struct job *job, char shorter[CELL_VALUE_SIZE])
{
	const struct step *step = &job->execution->journal.steps[job->index];
	uint64_t half_ms = execution_left_ms(job->execution) / 2;
	struct gate_value asked;

	if (!step_ops(step->kind)->asks || !gate_value_parse(job->value, &asked) ||
	    asked.wait_ms <= half_ms)
		return job->value;
	asked.wait_ms = (unsigned int)half_ms;
	gate_value_format(&asked, shorter);
	return shorter;
}

/*
 * The hold lives as long as the worker is at it, which may be longer than the hook: whoever comes
 * next sees by it that a second operation on the device would only queue up behind this one.
 */
static int set(struct job *job, struct error *err)
{
	const struct execution *execution = job->execution;
	const struct step *step = &execution->journal.steps[job->index];
	const struct step_ops *ops = step_ops(step->kind);
	char shorter[CELL_VALUE_SIZE];
	int ret;

	held = step_lock_take(execution->journal_fd, job->index, err);
	ret = held < 0 ? held : 0;
	/* What is somebody else's by now is nothing to wait for, either. */
	if (ret == 0 && ops->recheck_timeout_ms && !worker_is_late())
		ret = look_again(job, err);
	worker_pause();
	if (ret == 0 && !worker_is_late() && ops->ready)
		ret = ops->ready(execution->host, step->target, job->value,
				 &execution->journal.limits, err);
	worker_resume();
	if (ret == 0 && ops->recheck_timeout_ms && !worker_is_late())
		ret = look_again(job, err);
	/* Whoever gave this up goes on without it, and may not be surprised by it. */
	if (ret >= 0 && worker_is_late())
		ret = error_set(err, ECANCELED, "nobody waits for it any more");
	if (ret == 0)
		ret = ops->set(execution->host, step->target, value_in_time(job, shorter), err);
	if (ret == -EAGAIN && ops->put_off)
		ret = ops->put_off(execution->host, step->target, job->value,
				   &execution->journal.limits, err);
	if (ret > 0)
		ret = 0;
	/*
	 * Reading may take the device's lock, which somebody else may have by now: then this worker
	 * waits for it, and not the hook.
	 */
	if (ret == 0 && ops->recheck_timeout_ms &&
	    ops->read(execution->host, step->target, job->seen, NULL) < 0)
		job->seen[0] = '\0';
	/* Not closed before the answer is read: by then that may be by the end of this process. */
	if (held >= 0)
		step_lock_yield(held, job->index);
	return ret;
}

static int job_run(void *data, struct error *err)
{
	struct job *job = data;
	const struct execution *execution = job->execution;
	const struct step *step = &execution->journal.steps[job->index];

	job->seen[0] = '\0';
	if (job->value)
		return set(job, err);
	return step_ops(step->kind)->read(execution->host, step->target, job->seen, err);
}

static void job_heard(void *data)
{
	(void)data;
	if (held >= 0)
		close(held);
	held = -1;
}

static void job_late(void *data)
{
	const struct job *job = data;
	const struct execution *execution = job->execution;

	/* Who only looked owes nothing. */
	if (job->value && execution->late)
		execution->late(execution->late_data);
}

static const char *job_from(const struct job *job)
{
	const struct step *step = &job->execution->journal.steps[job->index];

	return job->value == step->after ? step->before : step->after;
}

unsigned int job_timeout_ms(const struct job *job)
{
	const struct journal *journal = &job->execution->journal;

	return step_timeout_ms(journal->steps[job->index].kind, job_from(job), job->value,
			       &journal->limits);
}

/* The worker that does it, but for its times. */
static void job_worker(struct job *job, struct worker *ret)
{
	*ret = (struct worker){
		.work = job_run,
		.on_orphaned = job_late,
		.on_read = job_heard,
		.data = job,
		.reusable_size = sizeof(*job),
		.output = job->seen,
	};
}

/*
 * Time that "ready" spends waiting for other processes is not counted as the kernel's silence; when
 * the deadline is near, that waiting is what is cut first.
 */
struct worker *jobs_run(struct job *jobs, size_t count)
{
	struct worker *workers = xcalloc(count, sizeof(*workers));

	for (size_t i = 0; i < count; i++) {
		const struct journal *journal = &jobs[i].execution->journal;
		unsigned int all_ms = job_timeout_ms(&jobs[i]);
		unsigned int whole_ms = execution_clip(jobs[i].execution, all_ms);
		unsigned int kernel_ms =
			all_ms - step_pause_ms(journal->steps[jobs[i].index].kind,
					       job_from(&jobs[i]), jobs[i].value, &journal->limits);

		job_worker(&jobs[i], &workers[i]);
		workers[i].timeout_ms = kernel_ms < whole_ms ? kernel_ms : whole_ms;
		workers[i].pause_ms = whole_ms - workers[i].timeout_ms;
	}
	workers_run(workers, count);
	return workers;
}

/*
 * Perhaps still in the kernel? Not only after an overrun: an oops kills it there, and where nobody
 * knows what has killed it, this process does not try again. A worker that
 * itself says ETIMEDOUT (of a unit, say) has come back; so has one that says ECHILD, of a child of
 * its own that a user may kill.
 */
static bool worker_is_stuck(const struct worker *worker)
{
	return worker->pid != 0 || worker->died;
}

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

int job_read(const struct execution *execution, size_t index, char value[CELL_VALUE_SIZE],
	     struct error *err)
{
	struct reading reading = {.index = index};

	readings_run(execution, &reading, 1);
	if (reading.result == 0)
		memcpy(value, reading.value, CELL_VALUE_SIZE);
	else if (err)
		*err = reading.error;
	return reading.result;
}

int job_absent_is_value(const struct execution *execution, size_t index, int ret,
			char value[CELL_VALUE_SIZE])
{
	const char *absent = step_ops(execution->journal.steps[index].kind)->absent;

	if (!absent || (ret != -ENODEV && ret != -ENOENT))
		return ret;
	strcpy(value, absent);
	return 0;
}

static int job_verify(const struct job *job, const struct worker *worker, bool undo,
		      struct error *err)
{
	const struct step *step = &job->execution->journal.steps[job->index];
	auto_free char *state = NULL;
	char now[CELL_VALUE_SIZE];
	int ret;

	if (worker_is_stuck(worker) || step_ops(step->kind)->asks) {
		*err = worker->error;
		return worker->result;
	}
	/* Where the worker could not tell, a child is asked: only failures and overruns pay for it.
	 */
	ret = worker->result < 0 || !*job->seen ? job_read(job->execution, job->index, now, err)
						: 0;
	if (worker->result == 0 && *job->seen)
		memcpy(now, job->seen, CELL_VALUE_SIZE);
	if (!undo)
		ret = job_absent_is_value(job->execution, job->index, ret, now);
	if (ret < 0)
		return ret;
	if (step_value_equal(step->kind, now, job->value))
		return 0;
	if (worker->result < 0) {
		*err = worker->error;
		return worker->result;
	}
	state = step_words_state(step, now);
	return error_set(err, EIO, "the kernel reports no error, but %s", state);
}

int jobs_begin(struct execution *execution, const struct job *jobs, size_t count, struct error *err)
{
	auto_text struct text lines = TEXT_INIT;
	int ret;

	if (count == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		journal_format_mark(MARK_BEGUN, jobs[i].index, &lines);
	ret = execution_write(execution, lines.data, lines.length, err);
	for (size_t i = 0; ret == 0 && i < count; i++)
		execution->journal.marks[jobs[i].index] = MARK_BEGUN;
	return ret;
}

/* A worker that only asks changes nothing: it may end, or be ended, at any moment. */
static void end_question(const struct step *step, struct worker *worker)
{
	if (worker->died)
		error_wrap(&worker->error, "whether somebody holds it could not be seen, as the "
					   "process that looked was lost");
	worker->died = false;
	if (!worker->pid)
		return;
	kill(worker->pid, SIGKILL);
	worker->pid = 0;
	worker->result = error_set(&worker->error, ETIME,
				   "the host was too busy to see in time that nobody holds %s",
				   step->target);
}

/* Stuck, unless it comes back at this very moment. */
static bool settle_stuck(struct execution *execution, const struct job *job, struct worker *worker)
{
	const struct step *step = &execution->journal.steps[job->index];
	bool stuck;

	if (step_ops(step->kind)->asks)
		end_question(step, worker);
	stuck = worker_is_stuck(worker);
	if (stuck && !flight_begin(execution, job->index, worker)) {
		worker->pid = 0;
		error_set(&worker->error, ETIMEDOUT, "it came back only after %llu ms",
			  (unsigned long long)worker->duration_ms);
		stuck = false;
	}
	execution->stuck[job->index] = stuck;
	execution->killed |= worker->died;
	return stuck;
}

bool job_was_not_begun(const struct worker *worker)
{
	return worker->pid == 0 && worker->result == -ESTALE;
}

void job_settle(struct execution *execution, const struct job *job, struct worker *worker,
		bool undo, struct error *err)
{
	const struct step *step = &execution->journal.steps[job->index];
	struct step_event event = {.undo = undo, .duration_ms = worker->duration_ms};
	auto_text struct text details = TEXT_INIT;
	auto_free char *words = NULL;
	struct error failure = ERROR_INIT;
	bool stuck = settle_stuck(execution, job, worker);
	/* Of a question nothing is ours to undo. */
	enum journal_mark mark = undo                         ? MARK_UNDONE
				 : step_ops(step->kind)->asks ? MARK_SKIPPED
							      : MARK_DONE;
	int ret = job_verify(job, worker, undo, &failure);

	if (stuck)
		flight_tell(execution, job->index, worker, &failure, &details);
	if (ret == 0)
		ret = execution_mark(execution, mark, job->index, &failure);
	else if (!undo && job_was_not_begun(worker))
		execution_mark(execution, MARK_SKIPPED, job->index, NULL);
	event.failed = ret < 0;
	event.note = ret < 0 ? failure.text : NULL;
	event.details = details.data;
	execution_report(execution, job->index, event);
	if (ret == 0)
		return;
	/* The words of a gate say by themselves which process holds which device. */
	if (!step_kind_is_gate(step->kind)) {
		words = step_words_failed(step, job->value);
		error_wrap(&failure, "%s", words);
	}
	error_keep_first(err, &failure);
}
