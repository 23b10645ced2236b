// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "prepare": from the domain XML to devices that wait on vfio-pci, or to lines that say why
 * not. Every way out of here leaves the host either lent and recorded, or as it was.
 * Tests: hook/test-engine.c, hook/test-hand.c.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "parsers/situation.h"
#include "session/handover.h"
#include "session/heal.h"
#include "session/hook-call.h"
#include "session/lend-journal.h"
#include "session/lend-message.h"
#include "session/lend.h"
#include "session/owner.h"
#include "session/plug.h"
#include "session/session-plan.h"
#include "session/session-undo.h"
#include "session/session.h"
#include "session/take-over.h"
#include "state/journal-file.h"

/* All that is known when the plan is made. */
struct lend {
	const struct lend_request *request;
	struct session *session;
	const struct guest *guest;
	struct situation situation;
	struct plan plan;
	struct journal rest; /* what an earlier run of the guest could not return */
};

static void lend_done(struct lend *lend)
{
	situation_done(&lend->situation);
	plan_done(&lend->plan);
	journal_done(&lend->rest);
}

static int undo_lend(struct lend *lend, struct execution *execution, const struct error *failure,
		     struct text *message)
{
	struct error undo_failure = ERROR_INIT;
	auto_text struct text losses = TEXT_INIT, left = TEXT_INIT;
	struct lend_failure told = {
		.error = failure, .policy = &lend->situation.policy, .guest = lend->guest->name};
	int ret;

	text_append(&left, "", 0);
	lend_tell_losses(execution, &losses);
	execution->deadline_ms = session_deadline(lend->session, &execution->journal.limits);
	session_find_strangers(lend->session, execution);
	owner_take_back(lend->session, &execution->journal);
	if (lend->guest->runs)
		session_begin_plug_undo(execution, NULL);
	ret = execution_undo(execution, &undo_failure);
	session_unwatch(lend->session);
	if (ret == 0 && lend->guest->runs)
		session_end_plug_undo(lend->session, execution);
	else if (ret == 0)
		session_finish(lend->session, execution);
	else
		lend->session->work.result = HANDOVER_UNSETTLED;
	session_tell_left_alone(lend->session, &left);
	told.step = lend->session->failed;
	lend_tell_failure(&told, &lend->situation.snapshot, message);
	if (lend->session->rest != REST_NONE)
		lend_tell_kept_back(execution, &losses);
	if (ret == 0)
		lend_tell_undone(&losses, &left, message);
	else if (lend->session->rest == REST_IN_FLIGHT)
		/* Where something waits for nothing but the kernel, that is no failure to be told.
		 */
		text_printf(message, "All else is back as it was%s.", text_string(&losses));
	else if (lend->session->rest == REST_NONE)
		text_printf(message, "NOT everything could be put back: %s%s.", undo_failure.text,
			    text_string(&losses));
	else
		text_printf(message, "Not everything is back yet: %s%s.", undo_failure.text,
			    text_string(&losses));
	if (ret < 0)
		session_tell_rest(lend->session, message);
	return -failure->code;
}

/* People would ask why the screen is dark. */
static void tell_console(const struct lend *lend, const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->steps[i].kind == STEP_VTCONSOLE)
			session_log(lend->session, LOG_LEVEL_NOTICE, "%s", journal->steps[i].why);
}

static int carry_out(struct lend *lend, struct text *message)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	auto_journal struct journal journal =
		lend_journal(lend->session, lend->guest, lend->request->by_hand, &lend->situation,
			     &lend->plan, &lend->rest);
	auto_text struct text line = TEXT_INIT;
	struct error failure = ERROR_INIT;
	int ret = execution_create(&execution, lend->session->host, &journal, &failure);

	/* The claims stand in the journal now: others may look. */
	session_unlock_claims(lend->session);
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	session_watch(lend->session, &execution);
	execution.deadline_ms = session_deadline_ahead(lend->session, &execution.journal.limits);
	ret = execution_run(&execution, &failure);
	if (ret == 0 && lend->request->owner)
		ret = owner_give(lend->session, &execution, lend->request->owner, &failure);
	if (ret < 0)
		return undo_lend(lend, &execution, &failure, message);
	if (!lend->request->of_nobody)
		lend_remember(lend->session, lend->guest, &lend->situation.snapshot,
			      &execution.journal);
	tell_console(lend, &execution.journal);
	session_log(lend->session, LOG_LEVEL_NOTICE, "%zu device%s lent",
		    execution.journal.claim_count, execution.journal.claim_count == 1 ? "" : "s");
	/* The last that is done: a lend without this line was not brought to its end. */
	if (lend->guest->runs)
		text_printf(&line, JOURNAL_PLUG_DONE);
	else
		journal_format_lent(time(NULL), &line);
	ret = journal_file_append(execution.journal_fd, line.data, line.length, &failure);
	if (ret < 0)
		return undo_lend(lend, &execution, &failure, message);
	session_unwatch(lend->session);
	return 0;
}

/* What the user reads tells the first reason only. */
static void log_other_refusals(const struct lend *lend)
{
	for (size_t i = 1; i < lend->plan.refusal_count; i++) {
		auto_text struct text lines = TEXT_INIT;

		refusal_format(&lend->plan.refusals[i], lend->guest->name,
			       &lend->situation.snapshot, &lines);
		text_join_lines(lines.data);
		session_log(lend->session, LOG_LEVEL_ERROR, "it is also not started because %s",
			    lines.data);
	}
}

static void refuse(struct lend *lend, struct text *message)
{
	struct snapshot *snapshot = &lend->situation.snapshot;

	if (lend->request->by_hand) {
		lend_tell_all_refusals(&lend->plan, lend->guest->name, snapshot, message);
		return;
	}
	lend_tell_refusals(&lend->plan, lend->guest->name, snapshot, message);
	log_other_refusals(lend);
}

/* Takes over *rest. */
static int lend_devices(const struct lend_request *request, struct session *session,
			struct journal *rest, struct text *message)
{
	const struct guest *guest = request->guest;
	__attribute__((__cleanup__(lend_done))) struct lend lend = {
		.request = request, .session = session, .guest = guest, .rest = *rest};
	struct error failure = ERROR_INIT;
	int ret;

	memset(rest, 0, sizeof(*rest));
	ret = session_plan(session, guest, &lend.situation, &lend.plan, &failure);
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	if (lend.plan.refusal_count > 0) {
		session_unlock_claims(session);
		session->work.result = HANDOVER_REFUSED;
		refuse(&lend, message);
		return -EPERM;
	}
	if (request->agrees && !request->agrees(request->data, &lend.plan)) {
		session_unlock_claims(session);
		text_printf(message, "meanwhile something else has come to use it, which would "
				     "have to end or to stop. Nothing was changed: try again.");
		return -EAGAIN;
	}
	for (size_t i = 0; i < lend.plan.note_count; i++)
		session_log(session, LOG_LEVEL_NOTICE, "%s", lend.plan.notes[i]);
	return carry_out(&lend, message);
}

/*
 * What cannot go home (a driver whose probe fails after the guest, say) is no reason to keep the
 * guest from its devices: *ret_rest then holds it, and the start goes on.
 */
static int settle_earlier_run(struct session *session, struct journal *ret_rest,
			      struct text *message)
{
	struct error failure = ERROR_INIT;
	bool had;
	int ret = session_return(session, &had, ret_rest, &failure);

	if (ret < 0 && ret_rest->step_count > 0) {
		session_log(session, LOG_LEVEL_WARNING,
			    "its last run could not be returned (%s): going on from there",
			    failure.text);
		return 0;
	}
	if (ret < 0)
		text_printf(message,
			    "what its last run was lent could not be returned: %s; nothing else "
			    "was changed.",
			    failure.text);
	if (ret < 0) {
		session->work.result = HANDOVER_UNSETTLED;
		session_tell_rest(session, message);
	} else if (had)
		session_log(session, LOG_LEVEL_NOTICE, "the rest of its last run is settled");
	return ret;
}

/* Nothing is lent then, and there may be no state directory to open a session in. */
static void tell_qemu_devices(const struct guest *guest)
{
	struct session named = SESSION_INIT;

	named.guest = guest->name;
	memcpy(named.uuid, guest->uuid, sizeof(named.uuid));
	for (size_t i = 0; i < guest->qemu_device_count; i++) {
		auto_free char *note = qemu_device_note(&guest->qemu_devices[i]);

		session_log(&named, LOG_LEVEL_NOTICE, "%s", note);
	}
}

#define REST_STAYS                                                                                 \
	"not everything of its last run could be returned: the log tells why (journalctl -t "      \
	"hostdev-hook)"

/* Without host devices there may only be something to settle, and often not even a directory. */
static int run_without_devices(struct session *session, struct text *message)
{
	auto_journal struct journal rest = {0};
	int ret;

	if (take_over_is_needless(session))
		return 0;
	ret = settle_earlier_run(session, &rest, message);
	if (rest.step_count > 0)
		handover_store(session, HANDOVER_RETURN, -EIO, REST_STAYS);
	else if (ret < 0 || session->work.step_count > 0)
		handover_store(session, HANDOVER_RETURN, ret, message->data);
	return ret;
}

static int run_with_devices(const struct lend_request *request, struct session *session,
			    struct text *message)
{
	auto_journal struct journal rest = {0};
	bool taken = false;
	int ret = 0;

	if (!request->by_hand)
		ret = take_over(session, request->guest, &taken, message);
	else if (!request->of_nobody)
		ret = take_over_check(session, message);
	/* What the guest has is not what somebody has asked for in vain. */
	if (ret < 0 && request->by_hand)
		return ret;
	if (ret < 0)
		session->work.result = HANDOVER_REFUSED;
	if (ret == 0 && !taken)
		ret = settle_earlier_run(session, &rest, message);
	if (ret == 0 && !taken)
		ret = lend_devices(request, session, &rest, message);
	handover_store(session, HANDOVER_LEND, ret, message->data);
	return ret;
}

static int run_plug(const struct lend_request *request, struct session *session,
		    struct text *message)
{
	struct lend_request plug = *request;
	auto_journal struct journal rest = {0};
	auto_guest struct guest guest = {0};
	int ret = plug_prepare(session, request->guest, &guest, &rest, message);

	plug.guest = &guest;
	return ret < 0 ? ret : lend_devices(&plug, session, &rest, message);
}

static int run_session(const struct lend_request *request, struct text *message)
{
	const struct guest *guest = request->guest;
	auto_session struct session session = SESSION_INIT;
	bool lends = guest->hostdev_count > 0;
	const struct hook_call call = {.host = request->host, .started_ms = request->started_ms};
	struct error failure = ERROR_INIT;
	int ret = session_open(&session, request->host, guest->name, guest->uuid, lends, &failure);

	/* A state directory that is of no use keeps nobody who needs none from starting. */
	if (ret < 0 && !lends)
		return 0;
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		if (!request->by_hand)
			handover_store_unopened(&call, guest->name, guest->uuid, HANDOVER_LEND,
						message->data);
		return ret;
	}
	if (request->started_ms)
		session.started_ms = request->started_ms;
	session.unrecorded = request->of_nobody;
	session.guest_runs = guest->runs;
	if (guest->runs)
		return run_plug(request, &session, message);
	return lends ? run_with_devices(request, &session, message)
		     : run_without_devices(&session, message);
}

int lend_request_run(const struct lend_request *request, struct text *message)
{
	const struct guest *guest = request->guest;
	bool lends = guest->hostdev_count > 0;
	int ret;

	if (lends)
		heal_claims(request->host, guest);
	ret = run_session(request, message);
	if (lends)
		heal_others(request->host, guest->uuid);
	return ret;
}

int hook_call_lend(struct hook_call *call, struct text *message)
{
	struct lend_request request = {
		.host = call->host, .guest = &call->parsed, .started_ms = call->started_ms};
	struct error failure = ERROR_INIT;

	if (hook_call_check(call, &failure) < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return -failure.code;
	}
	if (call->parsed.hostdev_count == 0)
		tell_qemu_devices(&call->parsed);
	return lend_request_run(&request, message);
}
