// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How it is kept what a lend or a return came to, with its message and the time that each step has
 * taken: for whoever asks later why a guest did not start.
 */
#include "session/handover.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "state/handovers.h"
#include "state/state-dir.h"

static enum handover_deed deed_of(const struct step_event *event)
{
	if (event->failed)
		return DEED_FAILED;
	if (event->undo)
		return event->left || event->needed ? DEED_LEFT : DEED_RETURNED;
	return event->needed || event->mark == MARK_SKIPPED ? DEED_FOUND : DEED_SET;
}

void handover_note(struct session *session, const struct step_event *event)
{
	handover_add_step(&session->work, event->step, deed_of(event), event->duration_ms);
}

static enum handover_result result_of(const struct session *session,
				      enum handover_operation operation, int ret)
{
	if (ret == 0)
		return HANDOVER_DONE;
	if (session->work.result != HANDOVER_NONE)
		return session->work.result;
	return operation == HANDOVER_LEND ? HANDOVER_FAILED : HANDOVER_UNSETTLED;
}

static void finish_work(struct session *session, enum handover_operation operation, int ret,
			const char *message)
{
	struct handover *work = &session->work;
	uint64_t began_ms = session->started_ms ? session->started_ms : session->opened_ms;
	size_t length = message ? strlen(message) : 0;

	while (length > 0 && message[length - 1] == '\n')
		length--;
	work->result = result_of(session, operation, ret);
	work->at = time(NULL);
	work->duration_ms = began_ms ? host_now_ms() - began_ms : 0;
	if (length > 0)
		work->message = xasprintf("%.*s", (int)length, message);
}

void handover_look(struct session *session, const struct journal *journal)
{
	session->unrecorded =
		journal->by_hand && !host_exists(session->host, HOST_RUN,
						 STATE_DIR "/%s" HANDOVER_SUFFIX, session->uuid);
}

void handover_store(struct session *session, enum handover_operation operation, int ret,
		    const char *message)
{
	auto_handovers struct handovers handovers = {0};

	if (session->unrecorded)
		return;
	finish_work(session, operation, ret, message);
	/* What is damaged is written anew. */
	handovers_read(session->host, session->uuid, &handovers, NULL);
	free(handovers.guest);
	handovers.guest = xstrdup(session->guest);
	memcpy(handovers.uuid, session->uuid, sizeof(handovers.uuid));
	handover_done(&handovers.last[operation]);
	handovers.last[operation] = session->work;
	session->work = (struct handover){0};
	handovers_write(session->locks.dir, &handovers);
}

void handover_store_unopened(const struct hook_call *call, const char *guest, const char *uuid,
			     enum handover_operation operation, const char *message)
{
	auto_session struct session session = SESSION_INIT;

	session.host = call->host;
	session.guest = guest;
	session.started_ms = call->started_ms;
	memcpy(session.uuid, uuid, sizeof(session.uuid));
	session.locks.dir = state_dir_open(call->host, false, NULL);
	if (session.locks.dir >= 0)
		handover_store(&session, operation, -EIO, message);
}
