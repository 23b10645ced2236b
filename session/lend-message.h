/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "base/error.h"
#include "base/text.h"
#include "model/plan.h"
#include "model/policy.h"
#include "model/snapshot.h"

/* See plan_format_refusals; without the last newline. */
void lend_tell_refusals(const struct plan *plan, const char *guest, struct snapshot *snapshot,
			struct text *message);

/* The same with all reasons, and no word of a start. */
void lend_tell_all_refusals(const struct plan *plan, const char *guest, struct snapshot *snapshot,
			    struct text *message);

struct lend_failure {
	const struct step *step; /* the step that failed, or NULL */
	const struct error *error;
	const struct policy *policy;
	const char *guest; /* as libvirt has it */
};

/*
 * What failed, with the name of the device that the step speaks of, in lines: one as a rule; of a
 * program that does not end, more, and what to do. Reads names: only while nothing of the host is
 * in flight.
 */
void lend_tell_failure(const struct lend_failure *failure, struct snapshot *snapshot,
		       struct text *message);

/*
 * What undoing does not bring back, which must not be called unchanged: processes that were ended,
 * and what units did that were stopped in between (a session, say). To be asked before the undo.
 */
void lend_tell_losses(const struct execution *execution, struct text *out);

/* A line: that everything is undone; but for the losses, and what session_tell_left_alone has to
 * say. */
void lend_tell_undone(const struct text *losses, const struct text *left, struct text *message);

/* To be asked after an undo that left something in flight: the units that wait for it. */
void lend_tell_kept_back(const struct execution *execution, struct text *out);
