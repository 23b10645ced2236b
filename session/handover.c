// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a lend or a return came to, step by step: in the log, and in a record for whoever asks later
 * why a guest did not start.
 */
#include "session/handover.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "actions/step-ops.h"
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

static const char *event_verb(const struct step_event *event)
{
	if (event->failed)
		return event->undo ? "could not return" : "could not set";
	if (event->needed)
		return event->undo ? "left alone" : "found";
	if (event->undo)
		return event->left ? "left alone" : "returned";
	return event->mark == MARK_SKIPPED ? "found" : "set";
}

static enum log_level event_level(const struct step_event *event)
{
	if (event->failed)
		return LOG_LEVEL_ERROR;
	return event->left && !step_ops(event->step->kind)->keep ? LOG_LEVEL_WARNING
								 : LOG_LEVEL_INFO;
}

/* Put back by nobody, and no failure either. */
static bool is_left_alone(const struct step_event *event)
{
	return event->left && !event->failed && !step_kind_is_gate(event->step->kind) &&
	       !step_ops(event->step->kind)->keep;
}

/* What the kernel says of a step that it keeps, line by line. */
static void log_details(const struct log_fields *fields, const char *details)
{
	while (details && *details) {
		int length = (int)strcspn(details, "\n");
		auto_free char *raw = xasprintf("%.*s", length, details);
		auto_free char *safe = text_escape(raw);
		auto_free char *line = xasprintf("kernel: %s", safe);

		session_log_line(LOG_LEVEL_WARNING, fields, line);
		details += length + (details[length] == '\n');
	}
}

void handover_report(void *data, const struct step_event *event)
{
	struct session *session = data;
	const struct step *step = event->step;
	bool of_device = step->kind == STEP_DRIVER || step->kind == STEP_POWER;
	struct log_fields fields = {.guest = session->guest,
				    .uuid = session->uuid,
				    .device = of_device ? step->target : NULL,
				    .duration_ms = (int64_t)event->duration_ms};
	auto_free char *line = xasprintf(
		"%s %s %s %s -> %s in %llu ms%s%s", event_verb(event), step_kind_name(step->kind),
		step->target, event->undo ? step->after : step->before,
		event->undo ? step->before : step->after, (unsigned long long)event->duration_ms,
		event->note ? ": " : "", event->note ? event->note : "");

	if (event->failed && !session->failed)
		session->failed = step;
	session->left_alone |= is_left_alone(event);
	/* Nothing of a gate is ever put back: that is no news. */
	if (event->undo && step_kind_is_gate(step->kind) && !event->failed)
		return;
	handover_add_step(&session->work, event->step, deed_of(event), event->duration_ms);
	session_log_line(event_level(event), &fields, line);
	log_details(&fields, event->details);
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

void handover_store_returned(struct session *session, const char *sentence)
{
	auto_text struct text left = TEXT_INIT;

	text_append(&left, "", 0);
	session_tell_left_alone(session, &left);
	session_log(session, LOG_LEVEL_NOTICE, "%s%s", sentence, left.data);
	handover_store(session, HANDOVER_RETURN, 0, left.length ? left.data + 2 : NULL);
}

void handover_store_failed(struct session *session, enum log_level level, const char *what,
			   const struct error *failure)
{
	auto_text struct text line = TEXT_INIT;

	text_printf(&line, "%s: %s.", what, failure->text);
	session_tell_rest(session, &line);
	session_log(session, level, "%s", line.data);
	handover_store(session, HANDOVER_RETURN, -failure->code, line.data);
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
