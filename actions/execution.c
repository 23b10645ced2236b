// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record of a plan that is being carried out: whose it is, what is written to it, and how much
 * time there is. Tests: unit/test-execute.c, unit/test-deadline.c.
 */
#include "actions/execution.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/worker.h"
#include "state/journal-file.h"
#include "state/step-lock.h"

static void take_over_journal(struct execution *ret, struct host *host, struct journal *journal,
			      int fd)
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
		take_over_journal(ret, host, journal, fd);
	return result;
}

#define HELD_TIMEOUT_MS 10000

struct waited_step {
	int journal_fd;
	size_t index;
};

static int wait_for_step(void *data, struct error *err)
{
	const struct waited_step *step = data;

	return step_lock_wait(step->journal_fd, step->index, err);
}

/*
 * Does a process live that the journal says is at work on this step, although its hold is not to
 * be seen? Not one that has come back and waits to settle the rest, as the caller may be.
 */
static bool goes_on(const struct execution *execution, size_t index)
{
	const struct journal_process *process = &execution->journal.workers[index];
	struct pid_stat stat;

	return execution->journal.marks[index] == MARK_IN_FLIGHT && process->pid != getpid() &&
	       !step_lock_is_yielded(execution->journal_fd, index) &&
	       pid_stat_read(execution->host, process->pid, &stat, NULL) == 0 &&
	       stat.start_time == process->start_time;
}

/*
 * The workers of a hook that was killed may still be about to finish: they get a moment, all of
 * them the same one. Those that do not are stuck in the kernel.
 */
static void find_stuck(struct execution *execution)
{
	size_t step_count = execution->journal.step_count, count = 0;
	auto_free struct worker *waiters = xcalloc(step_count, sizeof(*waiters));
	auto_free struct waited_step *steps = xcalloc(step_count, sizeof(*steps));

	for (size_t i = 0; i < step_count; i++) {
		if (!step_lock_is_taken(execution->journal_fd, i))
			continue;
		steps[count] = (struct waited_step){execution->journal_fd, i};
		waiters[count] = (struct worker){.work = wait_for_step,
						 .data = &steps[count],
						 .timeout_ms = HELD_TIMEOUT_MS};
		count++;
	}
	workers_run(waiters, count);
	/* One that waits on would hold the step for a moment when it is let go of. */
	for (size_t i = 0; i < count; i++)
		if (waiters[i].pid > 0)
			kill(waiters[i].pid, SIGKILL);
	for (size_t i = 0; i < step_count; i++)
		execution->stuck[i] =
			step_lock_is_taken(execution->journal_fd, i) || goes_on(execution, i);
}

int execution_resume(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err)
{
	int fd, result = journal_file_open(host, journal, &fd, err);

	if (result < 0)
		return result;
	take_over_journal(ret, host, journal, fd);
	find_stuck(ret);
	return 0;
}

void execution_done(struct execution *execution)
{
	journal_done(&execution->journal);
	if (execution->journal_fd > 0)
		close(execution->journal_fd);
	execution->journal_fd = -1;
	free(execution->stuck);
	execution->stuck = NULL;
	text_done(&execution->unwritten);
	for (size_t i = 0; i < execution->stranger_count; i++)
		free(execution->strangers[i].note);
	free(execution->strangers);
	execution->strangers = NULL;
	execution->stranger_count = 0;
}

void execution_add_stranger(struct execution *execution, const struct pci_addr *addr, char *note)
{
	array_push(execution->strangers, execution->stranger_count, (struct stranger){*addr, note});
}

int execution_finish(struct execution *execution, struct error *err)
{
	return journal_file_remove(execution->host, &execution->journal, err);
}

bool execution_is_stuck(const struct execution *execution)
{
	for (size_t i = 0; i < execution->journal.step_count; i++)
		if (execution->stuck[i])
			return true;
	return false;
}

uint64_t execution_left_ms(const struct execution *execution)
{
	uint64_t now_ms = host_now_ms();

	if (!execution->deadline_ms)
		return UINT64_MAX;
	return execution->deadline_ms > now_ms ? execution->deadline_ms - now_ms : 0;
}

unsigned int execution_clip(const struct execution *execution, unsigned int timeout_ms)
{
	uint64_t left_ms = execution_left_ms(execution);

	if (left_ms < EXECUTION_LEAST_MS)
		left_ms = EXECUTION_LEAST_MS;
	return left_ms < timeout_ms ? (unsigned int)left_ms : timeout_ms;
}

/* What is home reads as home to whoever comes next, whether its line was written or not. */
static void write_on_way_back(struct execution *execution, const char *lines, size_t length)
{
	struct text *unwritten = &execution->unwritten;
	struct error failure = ERROR_INIT;

	text_append(unwritten, lines, length);
	if (journal_file_append(execution->journal_fd, unwritten->data, unwritten->length,
				&failure) == 0)
		text_done(unwritten);
	else
		error_keep_first(&execution->unwritten_error, &failure);
}

int execution_write(struct execution *execution, const char *lines, size_t length,
		    struct error *err)
{
	if (!execution->journal.returning && !execution->only)
		return journal_file_append(execution->journal_fd, lines, length, err);
	write_on_way_back(execution, lines, length);
	return 0;
}

int execution_write_detached(struct execution *execution, const struct pci_addr *found,
			     size_t count, struct error *err)
{
	struct journal *journal = &execution->journal;
	auto_text struct text lines = TEXT_INIT;

	for (size_t i = 0; i < count; i++) {
		if (journal_is_detached(journal, &found[i]))
			continue;
		journal_format_detached(&found[i], &lines);
		array_push(journal->detached, journal->detached_count, found[i]);
	}
	if (lines.length == 0)
		return 0;
	return execution_write(execution, lines.data, lines.length, err);
}

int execution_mark(struct execution *execution, enum journal_mark mark, size_t index,
		   struct error *err)
{
	auto_text struct text line = TEXT_INIT;
	int ret;

	journal_format_mark(mark, index, &line);
	ret = execution_write(execution, line.data, line.length, err);
	/* All but the first tell what is so already. */
	if (ret == 0 || mark != MARK_BEGUN)
		execution->journal.marks[index] = mark;
	return ret;
}

void execution_report(const struct execution *execution, size_t index, struct step_event event)
{
	event.step = &execution->journal.steps[index];
	event.mark = execution->journal.marks[index];
	if (execution->report)
		execution->report(execution->report_data, &event);
}
