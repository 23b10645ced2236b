/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "model/journal.h"

/* What happened to one step, for whoever logs it. */
struct step_event {
	const struct step *step;
	bool undo;
	bool failed;            /* the step is not where it should be: note says why */
	bool left;              /* undo: somebody else's value was left alone */
	enum journal_mark mark; /* as it stands now */
	uint64_t duration_ms;
	const char *note; /* the error's text, or what was left alone and why; or NULL */
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
	void (*report)(void *data, const struct step_event *event); /* may be NULL */
	void *report_data;
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

/*
 * Carries out the steps that are marked as planned, in order; neighbours that are parallel run at
 * once. Stops at the first that fails or finds its cell drifted: err says which step and why, and
 * nothing is undone yet.
 */
int execution_run(struct execution *execution, struct error *err);

/*
 * Walks the steps backwards and restores what they changed. Goes on after a failure (err keeps the
 * first) so that as much as possible is home again. Returns 0 when everything is settled; the
 * caller then removes the journal.
 */
int execution_undo(struct execution *execution, struct error *err);

/* Is a worker of this run, or of an earlier one that it resumes, still in the kernel? */
bool execution_is_stuck(const struct execution *execution);

/* Removes the journal's file. */
int execution_finish(struct execution *execution, struct error *err);
