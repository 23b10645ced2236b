/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/hook-call.h"
#include "session/session.h"

/* The report of an execution (data: the session): logs the step, and adds it to session->work. */
void handover_report(void *data, const struct step_event *event);

/*
 * Writes the outcome of the session's work into the guest's record in /run (model/handover.h). The
 * record of the other operation stays as it is. If ret < 0, the outcome is what session.work says;
 * if session.work says nothing, it is "failed" for a lend and "something is left" for a return.
 * message: lines; NULL or empty: none. This function never fails and waits for nobody. Nothing
 * depends on the record: if it cannot be written, it is missing.
 */
void handover_store(struct session *session, enum handover_operation operation, int ret,
		    const char *message);
/* Stores that a return is complete. Logs the sentence, and behind it what was left alone. */
void handover_store_returned(struct session *session, const char *sentence);
/* Stores and logs that a return has left something: "WHAT: FAILURE.", then what becomes of that. */
void handover_store_failed(struct session *session, enum log_level level, const char *what,
			   const struct error *failure);
/* Stores the failed operation of a guest whose session could not be opened. */
void handover_store_unopened(const struct hook_call *call, const char *guest, const char *uuid,
			     enum handover_operation operation, const char *message);

/*
 * To be called before the work on this journal. A loan by hand that is for no guest has a UUID that
 * nobody will ask for: such a loan has no record, and the session then writes none.
 */
void handover_look(struct session *session, const struct journal *journal);
