/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "base/error.h"
#include "base/text.h"
#include "model/plan.h"
#include "model/policy.h"
#include "model/snapshot.h"

/* Appends the text of plan_format_refusals, without the last newline. */
void lend_tell_refusals(const struct plan *plan, const char *guest, struct snapshot *snapshot,
			struct text *message);

/* The same, but with all reasons, and without the words that the guest is not started. */
void lend_tell_all_refusals(const struct plan *plan, const char *guest, struct snapshot *snapshot,
			    struct text *message);

struct lend_failure {
	const struct step *step; /* the step that failed, or NULL */
	const struct error *error;
	const struct policy *policy;
	const char *guest; /* the name that libvirt has */
};

/*
 * Says what failed, with the name of the device that the step is about. As a rule this is one line;
 * for a program that does not end there are more lines, which say what to do. The names are read
 * from the disk: this must not be called while a step is in flight.
 */
void lend_tell_failure(const struct lend_failure *failure, struct snapshot *snapshot,
		       struct text *message);

/*
 * Says what an undo does not bring back: the processes that were ended, and the work of units that
 * were stopped in between (a login session, for example). A message must not call these unchanged.
 * To be called before the undo.
 */
void lend_tell_losses(const struct execution *execution, struct text *out);

/* A line that says that everything is undone, except the losses and what was left alone. */
void lend_tell_undone(const struct text *losses, const struct text *left, struct text *message);

/* To be called after an undo that left a step in flight: names the units that wait for that step.
 */
void lend_tell_kept_back(const struct execution *execution, struct text *out);
