/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/journal.h"
#include "state/state-locks.h"

/* What happened to one step, for whoever logs it. */
struct step_event {
	const struct step *step;
	bool undo;
	bool failed;            /* the step is not where it should be: note says why */
	bool left;              /* undo: somebody else's value was left alone */
	bool needed;            /* another guest's run needs the cell as it is: note names it */
	enum journal_mark mark; /* as it stands now */
	uint64_t duration_ms;
	const char *note;    /* the error's text, or what was left alone and why; or NULL */
	const char *details; /* where the kernel is stuck: lines for the log; or NULL */
};

/* Why a return has left something, and with that who comes back for it. */
enum execution_rest {
	REST_NONE,      /* nothing is left, or what is left has failed: nobody comes by himself */
	REST_IN_FLIGHT, /* the kernel keeps a worker, which goes on when it answers */
	REST_KILLED,    /* a worker was killed; a child tries once more, where late is given */
	REST_LATER,     /* the time was over; a child goes on, where late is given */
};

/*
 * A plan being carried out, and its record below /run. The caller holds the guest's lock and has
 * made sure that the state directory exists (journal_create fails otherwise).
 */
struct execution {
	struct host *host;
	struct journal journal; /* owned */
	int journal_fd;         /* owned; append-only */
	bool *stuck;            /* owned; steps on which a worker of ours is still at work */
	/*
	 * Of these addresses only the steps on the devices themselves are undone (execution_undo),
	 * while the run goes on; NULL: all. The caller's.
	 */
	const struct pci_addr *only;
	size_t only_count;
	/*
	 * The first step that is undone, counted from 0; and does the run go on with what is
	 * before it?
	 */
	size_t from;
	bool goes_on;
	/* At these addresses other devices stand by now: their steps are left alone. Owned. */
	struct stranger {
		struct pci_addr addr;
		char *note; /* heap; what stands there */
	} * strangers;
	size_t stranger_count;
	bool killed;              /* a worker of this run died without an answer */
	enum execution_rest rest; /* after execution_undo */
	/*
	 * Lines of the way back that could not be written yet (owned), and why the first of them
	 * could not. They are tried again with the next line; the return does not wait for them.
	 */
	struct text unwritten;
	struct error unwritten_error;
	void (*report)(void *data, const struct step_event *event); /* may be NULL */
	void *report_data;
	/*
	 * The caller's. Cells that the runs of other guests may need as well are worked on under
	 * locks->cell; locks->guest is held. NULL: no other run is asked.
	 */
	struct state_locks *locks;
	/*
	 * Called in a worker that came back when nobody waited for the worker any more (its
	 * deadline was over, or the hook is dead): settling what is left of the run is the worker's
	 * last deed, and more than the actions know how to do. The lock of its step is released
	 * already. May be NULL.
	 */
	void (*late)(void *data);
	void *late_data;
	/*
	 * By the monotonic clock (host_now_ms), 0: none. No step is begun that could last beyond
	 * it; on the way back, nobody is waited for longer.
	 */
	uint64_t deadline_ms;
	bool deadline_is_total; /* the deadline is that of total-time, not an earlier one */
};

/* Takes over *journal (header, claims, steps; marks all planned) and writes it to its file. */
int execution_create(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err);
/*
 * Takes over a *journal that was read from its file, to go on with it. Where workers of a hook that
 * ended are still at it, waits a moment for them.
 */
int execution_resume(struct execution *ret, struct host *host, struct journal *journal,
		     struct error *err);
void execution_done(struct execution *execution);

/* With less time than that before its deadline, nothing is begun. */
#define EXECUTION_LEAST_MS 1000

/*
 * Whole lines for the journal. On the way back this never fails: what cannot be written is kept in
 * execution.unwritten.
 */
int execution_write(struct execution *execution, const char *lines, size_t length,
		    struct error *err);

/* Writes down, also in memory, that the guest does not have these devices any more. */
int execution_write_detached(struct execution *execution, const struct pci_addr *found,
			     size_t count, struct error *err);

/* Takes over note. Before execution_undo. */
void execution_add_stranger(struct execution *execution, const struct pci_addr *addr, char *note);

/* Is a worker of this run, or of an earlier one that it resumes, still in the kernel? */
bool execution_is_stuck(const struct execution *execution);

/* Removes the journal's file. */
int execution_finish(struct execution *execution, struct error *err);

/* What is left until the execution's deadline; less than the least is nothing. */
uint64_t execution_left_ms(const struct execution *execution);

/*
 * A time, or what is left. What is done on the way back ends with the call, and what is not done
 * then ends by itself; but with next to no time, a step would be given up while it is well on its
 * way.
 */
unsigned int execution_clip(const struct execution *execution, unsigned int timeout_ms);

/*
 * Marks a step. On the way there a failure is an error of the run; only MARK_BEGUN, which allows a
 * change, then stays unset.
 */
int execution_mark(struct execution *execution, enum journal_mark mark, size_t index,
		   struct error *err);

/* Fills in step and mark, and calls the execution's report. */
void execution_report(const struct execution *execution, size_t index, struct step_event event);
