// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How it is kept what a lend or a return came to, with its message and the time that each step has
 * taken: for whoever asks later why a guest did not start.
 */
#include "session/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "parsers/handovers.h"

#define NAME_SIZE 64
#define NEW_SUFFIX HANDOVER_SUFFIX HANDOVER_NEW_SUFFIX

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

static bool write_new(int dir, const char *name, const struct text *text)
{
	auto_close int fd = -1;

	/* Left by a writer that was killed. */
	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd >= 0 && write(fd, text->data, text->length) == (ssize_t)text->length;
}

static void write_record(int dir, const struct handovers *handovers)
{
	char name[NAME_SIZE], new_name[NAME_SIZE];
	auto_text struct text text = TEXT_INIT;

	snprintf(name, sizeof(name), "%s" HANDOVER_SUFFIX, handovers->uuid);
	snprintf(new_name, sizeof(new_name), "%s" NEW_SUFFIX, handovers->uuid);
	handovers_format(handovers, &text);
	if (!write_new(dir, new_name, &text) || renameat(dir, new_name, dir, name) < 0)
		unlinkat(dir, new_name, 0);
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
	write_record(session->state_fd, &handovers);
}

void handover_store_unopened(const struct run *run, const char *guest, const char *uuid,
			     enum handover_operation operation, const char *message)
{
	auto_session struct session session = SESSION_INIT;

	session.host = run->host;
	session.guest = guest;
	session.started_ms = run->started_ms;
	memcpy(session.uuid, uuid, sizeof(session.uuid));
	session.state_fd = session_open_state_dir(run->host, false, NULL);
	if (session.state_fd >= 0)
		handover_store(&session, operation, -EIO, message);
}
