/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/journal.h"
#include "state/state-locks.h"

/* What happened to one step, for the log. */
struct step_event {
	const struct step *step;
	bool undo;
	bool failed;            /* the cell does not have the wanted value; note says why */
	bool left;              /* undo: the value is somebody else's, and was left alone */
	bool needed;            /* the run of another guest, which note names, needs the value */
	enum journal_mark mark; /* the step's mark now */
	uint64_t duration_ms;
	const char *note;    /* the error's text, or what was left alone and why; or NULL */
	const char *details; /* where the kernel is stuck: lines for the log; or NULL */
};

/* Why a return has left something, and so who will return it. */
enum execution_rest {
	REST_NONE,      /* nothing is left, or the rest has failed: it is not tried by itself */
	REST_IN_FLIGHT, /* a worker is in the kernel, and returns the rest when it comes back */
	REST_KILLED,    /* a worker was killed; if late is given, a child tries once more */
	REST_LATER,     /* the time was over; if late is given, a child goes on */
};

/*
 * A plan that is carried out or undone, and its journal. The caller holds the guest's lock, and the
 * state directory exists.
 */
struct execution {
	struct host *host;
	struct journal journal; /* owned */
	int journal_fd;         /* owned; append-only */
	bool *stuck; /* owned; for each step: is a worker of a run still at work on it? */
	/*
	 * Not NULL: execution_undo undoes only the steps on these devices, and the run goes on. It
	 * belongs to the caller.
	 */
	const struct pci_addr *only;
	size_t only_count;
	/* execution_undo undoes the steps from this one on (counted from 0). */
	size_t from;
	bool goes_on; /* the run goes on with the steps before "from" */
	/* Addresses at which another device stands by now: their steps are left alone. Owned. */
	struct stranger {
		struct pci_addr addr;
		char *note; /* heap: which device stands there */
	} * strangers;
	size_t stranger_count;
	bool killed;              /* a worker of this run died without an answer */
	enum execution_rest rest; /* after execution_undo */
	/*
	 * Lines of the way back that could not be written to the journal yet (owned), and the error
	 * of the first. They are written with the next line; the return does not wait for them.
	 */
	struct text unwritten;
	struct error unwritten_error;
	void (*report)(void *data, const struct step_event *event); /* may be NULL */
	void *report_data;
	/*
	 * The caller's. A cell that other guests' runs may need as well is changed under
	 * locks->cell; locks->guest is held all the time. NULL: other runs are not looked at.
	 */
	struct state_locks *locks;
	/*
	 * Called in a worker that comes back when nobody waits for it any more, because its
	 * deadline is over or the hook is dead. It returns what is left of the run, which only the
	 * session can do. The worker has released the lock of its step before. May be NULL.
	 */
	void (*late)(void *data);
	void *late_data;
	/*
	 * By the monotonic clock (host_now_ms); 0: none. A step that could last longer is not
	 * begun; on the way back, no worker is waited for longer.
	 */
	uint64_t deadline_ms;
	bool deadline_is_total; /* the deadline is that of total-time, not an earlier one */
};

/* Takes over *journal (header, claims, steps; marks all planned) and writes it to its file. */
int execution_create(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err);
/*
 * Takes over *journal, which was read from its file, to go on with it. If workers of a dead hook
 * are still at work on it, waits a moment for them.
 */
int execution_resume(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err);
void execution_done(struct execution *execution);

/* If less time than this is left until the deadline, no step is begun. */
#define EXECUTION_LEAST_MS 1000

/*
 * Appends whole lines to the journal. On the way back this never fails: lines that cannot be
 * written are kept in execution.unwritten.
 */
int execution_write(struct execution *execution, const char *lines, size_t length,
		    struct error *err);

/* Adds to the journal, in the file and in memory, that these devices were detached from the guest.
 */
int execution_write_detached(struct execution *execution, const struct pci_addr *found,
			     size_t count, struct error *err);

/* To be called before execution_undo. Takes over note. */
void execution_add_stranger(struct execution *execution, const struct pci_addr *addr, char *note);

/* Is a worker of this run, or of an earlier one that it resumes, still in the kernel? */
bool execution_is_stuck(const struct execution *execution);

/* Removes the journal's file. */
int execution_finish(struct execution *execution, struct error *err);

/* The time until the deadline; UINT64_MAX: there is no deadline. */
uint64_t execution_left_ms(const struct execution *execution);

/*
 * The smaller of this time and the time that is left, but EXECUTION_LEAST_MS at least: with less, a
 * step on the way back would be given up that is about to succeed.
 */
unsigned int execution_clip(const struct execution *execution, unsigned int timeout_ms);

/*
 * Marks a step in the journal's file and in memory. If the file cannot be written, the mark is set
 * in memory all the same, but for MARK_BEGUN, as that allows a change.
 */
int execution_mark(struct execution *execution, enum journal_mark mark, size_t index,
		   struct error *err);

/* Fills in step and mark, and calls the execution's report. */
void execution_report(const struct execution *execution, size_t index, struct step_event event);
