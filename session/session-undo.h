/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * From now on the steps of the execution are logged, the first failure is remembered, and a worker
 * that comes back late returns the rest of the run. The caller must call session_unwatch before the
 * execution ends.
 */
void session_watch(struct session *session, struct execution *execution);
void session_unwatch(struct session *session);

/*
 * To be called when everything is returned: removes the journal. If it cannot be removed, the log
 * says so, and nothing else follows, as the devices are home.
 */
void session_finish(const struct session *session, struct execution *execution);

/*
 * Returns what the guest's last run has left: reads its journal, undoes its steps, and removes the
 * journal. A journal of an earlier boot is only removed. *ret_had: was there a journal? If
 * something could not be returned, and no worker is stuck at it, *ret_rest (unless NULL) is the
 * journal with what is left, from which a new run can go on: journal_done. ESHUTDOWN with
 * session.host_goes_down: the host is being shut down, and nothing was begun.
 */
int session_return(struct session *session, bool *ret_had, struct journal *ret_rest,
		   struct error *err);

/* Does the run still have devices, not counting those that were detached from its guest? */
bool session_has_devices(const struct journal *journal);

/* To be called before execution_undo, so that it undoes only the last lend; the run goes on. */
int session_begin_plug_undo(struct execution *execution, struct error *err);
/* To be called after that: the journal says so, or is removed if nothing else was lent. */
void session_end_plug_undo(struct session *session, struct execution *execution);

/* Was a device lent to this running guest only by half? */
bool session_has_plug_debt(const struct journal *journal);
/* Undoes that lend. The guest's lock is held; takes over *journal, which was read under it. */
int session_undo_plug(struct session *session, struct journal *journal, struct error *err);
