/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * Has steps logged (and the first failure remembered) as they are carried out, and has what comes
 * back late return the rest of the run. session_unwatch before the execution ends.
 */
void session_watch(struct session *session, struct execution *execution);
void session_unwatch(struct session *session);

/*
 * All is settled: the journal is removed. Where it cannot be, only that is told: what it lists is
 * home.
 */
void session_finish(const struct session *session, struct execution *execution);

/*
 * What the guest left behind is returned: read its journal, undo, remove it. A journal of an
 * earlier boot is only removed. No journal: nothing to do. *ret_had tells whether there was one.
 * Where something could not be returned, and no worker is stuck at it, *ret_rest (if not NULL) is
 * the journal with what is left, for a new run to go on from: journal_done. ESHUTDOWN with
 * session.host_goes_down: the host is being shut down, and nothing was begun.
 */
int session_return(struct session *session, bool *ret_had, struct journal *ret_rest,
		   struct error *err);

/* Has the run devices that were not detached from its guest? */
bool session_has_devices(const struct journal *journal);

/* Before execution_undo: only the last lending is undone, and the run goes on. */
int session_begin_plug_undo(struct execution *execution, struct error *err);
/* When that is done: the journal says so, or is removed where nothing else was lent. */
void session_end_plug_undo(struct session *session, struct execution *execution);

/* Is a lending to this guest, which runs on, half done? */
bool session_has_plug_debt(const struct journal *journal);
/* Undoes it, under the guest's lock; takes over *journal, which was read under it. */
int session_undo_plug(struct session *session, struct journal *journal, struct error *err);
