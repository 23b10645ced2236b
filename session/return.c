// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Back to what was, by the journal alone. "release": the XML only says whose journal; it may be
 * empty, or changed by hot-plug since the guest was prepared. "hostdevctl return": the end of a
 * loan by hand; what belongs to a guest's run is not touched then, and the admin is told who
 * returns it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/libvirt/qemu.h"
#include "session/handover.h"
#include "session/heal.h"
#include "session/hook-call.h"
#include "session/return.h"
#include "session/session-undo.h"
#include "session/session.h"
#include "session/unplug.h"
#include "state/journals.h"

static int tell_rest(const struct session *session, const struct error *failure,
		     struct text *message)
{
	text_printf(message, "not everything could be returned: %s.", failure->text);
	session_tell_rest(session, message);
	return -failure->code;
}

/*
 * Returns everything of the session's guest, and says in the log how that has ended. 0, or -errno
 * with a message; also 0, with nothing returned, where session.host_goes_down is set.
 */
static int return_all(struct session *session, struct text *message)
{
	struct error failure = ERROR_INIT;
	bool had;
	int ret = session_return(session, &had, NULL, &failure);

	if (ret < 0 && session->host_goes_down) {
		/* The next boot, or, after a soft reboot, "hostdevctl recover". */
		auto_free char *line = xasprintf(
			"%s: no unit is started and no device is returned, as the next boot gives "
			"everything back (after a soft reboot, hostdevctl recover does)",
			failure.text);

		session_log(session, LOG_LEVEL_NOTICE, "%s", line);
		handover_store(session, HANDOVER_RETURN, ret, line);
		return 0;
	}
	if (ret < 0) {
		ret = tell_rest(session, &failure, message);
		handover_store(session, HANDOVER_RETURN, ret, message->data);
	} else if (had) {
		handover_store_returned(session, "everything is returned");
	}
	return ret;
}

/* --- libvirt asks for it --- */

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
	return is_left_by_hand(&session) ? 0 : return_all(&session, message);
}

int hook_call_return(struct hook_call *call, struct text *message)
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

/* --- an admin asks for it --- */

#define NOTHING_CHANGED "Nothing was changed."

static int refuse_run(const struct journal *journal, const struct qemu *qemu, struct text *message)
{
	auto_free char *guest = text_escape(journal->guest);
	auto_free char *word = session_recover_word(journal->guest, journal->uuid);

	if (qemu->life == QEMU_ALIVE)
		text_printf(message,
			    "%s runs (process %d), and its stop returns what it was "
			    "lent. " NOTHING_CHANGED,
			    guest, (int)qemu->pid);
	else
		text_printf(message,
			    "it is lent to %s, and not by hand: the hook returns it when the guest "
			    "has stopped. If the guest does not run any more, run \"hostdevctl "
			    "recover %s\". " NOTHING_CHANGED,
			    guest, word);
	return -EPERM;
}

static bool is_run(const struct journal *journal)
{
	return journal->lent && !journal->returning;
}

/* May the loan be ended? *ret_plug: of a guest that runs the named device alone. */
static int check(const struct session *session, const struct return_request *request,
		 const struct journal *journal, bool *ret_plug, struct text *message)
{
	struct error failure = ERROR_INIT;
	struct qemu qemu = {0};
	int ret = qemu_find(session->host, session->uuid, &qemu, &failure);

	if (ret < 0 || qemu.life == QEMU_UNKNOWN) {
		text_printf(message, "whether it is in use is not known: %s. " NOTHING_CHANGED,
			    ret < 0 ? failure.text : qemu.why);
		return ret < 0 ? ret : -EBUSY;
	}
	*ret_plug = qemu.life == QEMU_ALIVE && request->addr && is_run(journal);
	if (*ret_plug)
		return 0;
	if (qemu.life == QEMU_ALIVE || !journal->by_hand)
		return refuse_run(journal, &qemu, message);
	/* What is on its way home already is only waited for. */
	if (!journal->returning && session_is_open(session, journal, &failure)) {
		text_printf(message, "%s. " NOTHING_CHANGED " End it first.", failure.text);
		return -EBUSY;
	}
	return 0;
}

/* Of a guest that runs only what was detached from it. *journal: its claims are what came home. */
static int end_plug(struct session *session, const struct return_request *request,
		    struct journal *journal, struct text *message)
{
	auto_journal struct journal whole = JOURNAL_INIT;
	auto_free struct pci_addr *addrs = NULL;
	struct error failure = ERROR_INIT;
	size_t count;
	int ret = journal_read(session->host, session->uuid, &whole, &failure);

	if (ret < 0)
		text_printf(message, "%s; nothing was changed.", failure.text);
	else
		ret = unplug_return_device(session, &whole, request->addr, request->dry_run, &addrs,
					   &count, message);
	if (ret < 0)
		return ret;
	free(journal->claims);
	journal->claims = steal(&addrs);
	journal->claim_count = count;
	return 0;
}

static int end_loan(struct session *session, const struct return_request *request,
		    struct journal *ret_home, struct text *message)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	int ret = journal_read(session->host, session->uuid, &journal, &failure);
	bool plug = false;

	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	session->guest = journal.guest;
	handover_look(session, &journal);
	if (strcmp(journal.boot_id, session->boot_id) == 0)
		ret = check(session, request, &journal, &plug, message);
	if (ret == 0 && plug)
		ret = end_plug(session, request, &journal, message);
	else if (ret == 0 && !request->dry_run)
		ret = return_all(session, message);
	if (ret == 0 && session->host_goes_down) {
		text_printf(message, "the host is being shut down, and the next boot gives "
				     "everything back. " NOTHING_CHANGED);
		ret = -ESHUTDOWN;
	}
	session->guest = "";
	if (ret < 0)
		return ret;
	*ret_home = journal;
	memset(&journal, 0, sizeof(journal));
	return 0;
}

int return_request_run(const struct return_request *request, struct journal *ret_home,
		       struct text *message)
{
	auto_session struct session session = SESSION_INIT;
	struct error failure = ERROR_INIT;
	int ret = session_open(&session, request->host, "", request->uuid, false, &failure);

	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	ret = end_loan(&session, request, ret_home, message);
	session_done(&session);
	if (!request->dry_run)
		heal_others(request->host, request->uuid);
	return ret;
}
