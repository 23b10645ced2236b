// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "release": back to what was, by the journal alone. The XML only says whose journal; it may be
 * empty, or changed by hot-plug since the guest was prepared.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "session/handover.h"
#include "session/heal.h"
#include "session/return.h"
#include "session/hook-call.h"
#include "session/session-undo.h"
#include "session/session.h"
#include "state/journals.h"

/* The guest's UUID from its XML, else by its name from the journals. ENOENT: it has none. */
static int find_uuid(struct hook_call *call, char uuid[UUID_TEXT_SIZE], struct error *err)
{
	if (*call->uuid) {
		memcpy(uuid, call->uuid, UUID_TEXT_SIZE);
		return 0;
	}
	if (hook_call_check(call, NULL) == 0) {
		memcpy(uuid, call->parsed.uuid, UUID_TEXT_SIZE);
		return 0;
	}
	return journals_find_guest(call->host, call->guest, uuid, err);
}

static int tell_rest(const struct session *session, const struct error *failure,
		     struct text *message)
{
	auto_free char *guest = recover_word(session->guest, session->uuid);

	text_printf(message, "not everything could be returned: %s.", failure->text);
	if (session->rest != REST_NONE)
		session_tell_rest(session, message);
	else
		text_printf(
			message,
			" What is left is recorded in /run/hostdev-hook/%s" JOURNAL_SUFFIX
			": the next call of the hook for a guest with host devices tries it "
			"again, and so does \"hostdevctl recover %s\". Each step is in the log: "
			"journalctl -t hostdev-hook.",
			session->uuid, guest);
	return -failure->code;
}

/* The next boot, or, after a soft reboot, "hostdevctl recover". */
static void leave_to_others(struct session *session, const struct error *failure)
{
	auto_free char *line = xasprintf(
		"%s: no unit is started and no device is returned, as the next boot gives "
		"everything back (after a soft reboot, hostdevctl recover does)",
		failure->text);

	session_log(session, LOG_LEVEL_NOTICE, "%s", line);
	handover_store(session, HANDOVER_RETURN, -failure->code, line);
}

static void tell_returned(struct session *session)
{
	auto_text struct text left = TEXT_INIT;

	text_append(&left, "", 0);
	session_tell_left_alone(session, &left);
	session_log(session, LOG_LEVEL_NOTICE, "everything is returned%s", left.data);
	handover_store(session, HANDOVER_RETURN, 0, left.length ? left.data + 2 : NULL);
}

int return_settle(struct session *session, bool *had, struct text *message)
{
	struct error failure = ERROR_INIT;
	int ret = session_return(session, had, NULL, &failure);

	if (ret < 0 && session->host_goes_down) {
		leave_to_others(session, &failure);
		return 0;
	}
	if (ret < 0) {
		ret = tell_rest(session, &failure, message);
		handover_store(session, HANDOVER_RETURN, ret, message->data);
		return ret;
	}
	if (*had)
		tell_returned(session);
	return 0;
}

/* libvirt calls for a start, too, that was refused before the guest has taken the loan over. */
static bool is_left_by_hand(const struct session *session)
{
	auto_journal struct journal journal = JOURNAL_INIT;

	if (journal_read(session->host, session->uuid, &journal, NULL) < 0 ||
	    !journal_stays_by_hand(&journal))
		return false;
	session_log(session, LOG_LEVEL_NOTICE,
		    "its devices were lent by hand and stay: \"hostdevctl return %s\" returns "
		    "them",
		    session->uuid);
	return true;
}

static int return_guest(const struct hook_call *call, const char *uuid, struct text *message)
{
	auto_session struct session session = SESSION_INIT;
	struct error failure = ERROR_INIT;
	bool had;
	int ret = session_open(&session, call->host, call->guest, uuid, false, &failure);

	/* Not even a directory for journals: it was lent nothing. */
	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		memcpy(session.uuid, uuid, sizeof(session.uuid));
		session.guest = call->guest;
		tell_rest(&session, &failure, message);
		handover_store_unopened(call, call->guest, uuid, HANDOVER_RETURN, message->data);
		return ret;
	}
	if (call->started_ms)
		session.started_ms = call->started_ms;
	return is_left_by_hand(&session) ? 0 : return_settle(&session, &had, message);
}

int return_run(struct hook_call *call, struct text *message)
{
	struct error failure = ERROR_INIT;
	char uuid[UUID_TEXT_SIZE];
	int ret = find_uuid(call, uuid, &failure);

	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		text_printf(message, "not everything could be returned: %s.", failure.text);
		return ret;
	}
	ret = return_guest(call, uuid, message);
	heal_others(call->host, uuid);
	return ret;
}
