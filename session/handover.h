/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/hook-call.h"
#include "session/session.h"

/* The report of an execution (data: the session): logs the step, and adds it to session->work. */
void handover_report(void *data, const struct step_event *event);

/*
 * What the session's work came to, into the guest's record in /run (model/handover.h); what is
 * recorded of its other operation stays. ret < 0: what session.work says, and where that says
 * nothing, that a lend has failed, or that a return has left something. message: lines, NULL or
 * empty for none. Never fails, waits for nobody, and is of no importance for what comes later:
 * where it cannot be written, there is none.
 */
void handover_store(struct session *session, enum handover_operation operation, int ret,
		    const char *message);
/* The same of a return that is done: logs the sentence, with what was left alone. */
void handover_store_returned(struct session *session, const char *sentence);
/* The same of one that has left something: "WHAT: FAILURE." and what becomes of it. */
void handover_store_failed(struct session *session, enum log_level level, const char *what,
			   const struct error *failure);
/* The same of a guest whose session could not be opened. */
void handover_store_unopened(const struct hook_call *call, const char *guest, const char *uuid,
			     enum handover_operation operation, const char *message);

/*
 * Before the work on what this journal lists: what was lent by hand to nobody's guest, under a UUID
 * that nobody will ask for, has no record and gets none.
 */
void handover_look(struct session *session, const struct journal *journal);
