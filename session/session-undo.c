// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a run is undone, by whoever has its guest's lock: all of it, or of a guest that runs on what
 * was being lent to it; now, or by a worker that the kernel kept until the hook had gone.
 * Tests: hook/test-recover.c, hook/test-engine.c.
 */
#include "session/session-undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "session/handover.h"
#include "session/owner.h"
#include "state/journal-file.h"
#include "state/journals.h"
#include "state/state-locks.h"

static void background_return(void *data);

void session_watch(struct session *session, struct execution *execution)
{
	session->failed = NULL;
	session->left_alone = false;
	session->rest = REST_NONE;
	session->execution = execution;
	execution->report = handover_report;
	execution->report_data = session;
	execution->locks = &session->locks;
	execution->late = background_return;
	execution->late_data = session;
	execution->deadline_ms = session_deadline(session, &execution->journal.limits);
	execution->deadline_is_total = session->until_ms == 0;
}

static void tell_unwritten(const struct session *session, const struct execution *execution)
{
	if (execution->unwritten_error.code)
		session_log(session, LOG_LEVEL_WARNING,
			    "how far the return has come could not always be recorded in "
			    "/run/hostdev-hook/%s" JOURNAL_SUFFIX
			    " (%s): the return goes on all the same",
			    session->uuid, execution->unwritten_error.text);
}

void session_unwatch(struct session *session)
{
	if (session->execution) {
		session->rest = session->execution->rest;
		tell_unwritten(session, session->execution);
	}
	session->execution = NULL;
}

void session_finish(const struct session *session, struct execution *execution)
{
	auto_free char *guest = session_recover_word(session->guest, session->uuid);
	struct error failure = ERROR_INIT;

	if (execution_finish(execution, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING,
			    "what it was lent is returned, and its journal cannot be removed (%s): "
			    "as long as it is there, other guests are refused the devices. When "
			    "/run can be written again, \"hostdevctl recover %s\" removes it.",
			    failure.text, guest);
}

/* --- a run that is over --- */

/*
 * One that was detached, came home and was attached again: libvirt (11.3) remembers that it was not
 * the one who had taken it at first, and leaves it on vfio-pci. Unless another guest has it now.
 */
static void look_at_detached(const struct session *session, struct journal *journal)
{
	auto_snapshot struct snapshot others = {0};

	if (journal->detached_count == 0 ||
	    journals_read_claims(session->host, session->uuid, &others, NULL) < 0)
		return;
	for (size_t i = 0; i < journal->detached_count; i++)
		if (!snapshot_claim(&others, &journal->detached[i], session->uuid))
			journal_undo_again(journal, &journal->detached[i]);
}

/*
 * A start of units would fail, or hold the shutdown up; so might a driver's probe, and a disk that
 * appears would be mounted or assembled. The journal's last line is for a reboot of the user space
 * alone, which keeps drivers and /run as they are.
 */
static int leave_all(struct session *session, const struct journal *journal, struct error *err)
{
	if (!journal->returning)
		session_append(session, journal, JOURNAL_RETURNING, NULL);
	session->host_goes_down = true;
	return error_set(err, ESHUTDOWN, "the host is being shut down");
}

static int return_journal(struct session *session, struct journal *journal,
			  struct journal *ret_rest, struct error *err)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	int ret;

	look_at_detached(session, journal);
	if (!journal_is_settled(journal) && host_is_going_down(session->host))
		return leave_all(session, journal, err);
	owner_take_back(session, journal);
	ret = execution_resume(&execution, session->host, journal, err);
	if (ret < 0)
		return ret;
	session_watch(session, &execution);
	session_find_strangers(session, &execution);
	ret = execution_undo(&execution, err);
	session_unwatch(session);
	if (ret == 0)
		session_finish(session, &execution);
	if (ret == 0 || session->rest != REST_NONE)
		return ret;
	if (ret_rest && !execution_is_stuck(&execution)) {
		*ret_rest = execution.journal;
		execution.journal = (struct journal){0};
	}
	return ret;
}

int session_return(struct session *session, bool *ret_had, struct journal *ret_rest,
		   struct error *err)
{
	auto_journal struct journal journal = {0};
	int ret = journal_read(session->host, session->uuid, &journal, err);

	*ret_had = ret != -ENOENT;
	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	if (strcmp(journal.boot_id, session->boot_id) == 0)
		return return_journal(session, &journal, ret_rest, err);
	/* That boot's end gave every device back, and its drivers were chosen anew since. */
	session_log(session, LOG_LEVEL_NOTICE,
		    "a journal of an earlier boot is removed: nothing of it is left");
	return journal_file_remove(session->host, &journal, err);
}

/* --- a guest that runs on --- */

bool session_has_plug_debt(const struct journal *journal)
{
	return journal->plugging && journal->lent && !journal->returning;
}

int session_begin_plug_undo(struct execution *execution, struct error *err)
{
	const struct journal *journal = &execution->journal;
	size_t count = journal->plug_count - journal->plug_first;
	auto_free struct pci_addr *plugs = xcalloc(count + 1, sizeof(*plugs));

	for (size_t i = 0; i < count; i++)
		plugs[i] = journal->plugs[journal->plug_first + i];
	execution->from = journal->plug_from - 1;
	execution->goes_on = true;
	return execution_write_detached(execution, plugs, count, err);
}

bool session_has_devices(const struct journal *journal)
{
	for (size_t i = 0; i < journal->claim_count; i++)
		if (!journal_is_detached(journal, &journal->claims[i]))
			return true;
	return false;
}

void session_end_plug_undo(struct session *session, struct execution *execution)
{
	if (!session_has_devices(&execution->journal) && journal_is_settled(&execution->journal))
		session_finish(session, execution);
	else
		execution_write(execution, JOURNAL_PLUG_DONE, strlen(JOURNAL_PLUG_DONE), NULL);
}

int session_undo_plug(struct session *session, struct journal *journal, struct error *err)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	int ret;

	session->guest_runs = true;
	session->host_goes_down = host_is_going_down(session->host);
	if (session->host_goes_down)
		return error_set(err, ESHUTDOWN, "the host is being shut down");
	ret = execution_resume(&execution, session->host, journal, err);
	if (ret == 0)
		ret = session_begin_plug_undo(&execution, err);
	if (ret < 0)
		return ret;
	session_watch(session, &execution);
	session_find_strangers(session, &execution);
	ret = execution_undo(&execution, err);
	session_unwatch(session);
	if (ret == 0)
		session_end_plug_undo(session, &execution);
	return ret;
}

/* --- in the background --- */

/* Somebody who works that long on the guest will have to settle it, too; else "recover" does. */
#define LATE_LOCK_TIMEOUT_MS 600000

/* Of the session that was forked away from: who it is for, and nothing that it has locked. */
static int open_late(const struct session *session, struct session *ret, struct error *err)
{
	struct session late = *session;
	int result;

	late.locks = (struct state_locks)STATE_LOCKS_INIT;
	late.locks.dir = session->locks.dir;
	late.execution = NULL;
	late.failed = NULL;
	/* Each step has its own deadline, and nobody waits for the whole. */
	late.started_ms = late.until_ms = 0;
	late.opened_ms = host_now_ms();
	late.work = (struct handover){0};
	result = state_locks_take_guest(&late.locks, late.host, late.uuid, LATE_LOCK_TIMEOUT_MS,
					err);
	if (result == 0)
		*ret = late;
	return result;
}

/* Is the journal on file the one that this run has written? */
static bool is_ours(const struct session *session, int journal_fd)
{
	char name[64];
	struct stat ours, filed;

	snprintf(name, sizeof(name), "%s" JOURNAL_SUFFIX, session->uuid);
	return fstat(journal_fd, &ours) == 0 &&
	       fstatat(session->locks.dir, name, &filed, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == filed.st_dev && ours.st_ino == filed.st_ino;
}

/*
 * A guest that was lent what it wanted runs with it: nothing of that is a debt. That the run is on
 * its way back may be known to the one that was forked away from, and not have been written.
 */
static bool is_owed(const struct session *session)
{
	auto_journal struct journal journal = {0};

	return journal_read(session->host, session->uuid, &journal, NULL) == 0 &&
	       (!journal.lent || journal.returning || journal.plugging ||
		session->execution->journal.returning);
}

/* Of a guest that runs on, only what was being lent to it. */
static int return_owed(struct session *late, struct error *err)
{
	auto_journal struct journal journal = {0};
	bool had;

	if (journal_read(late->host, late->uuid, &journal, NULL) == 0 &&
	    session_has_plug_debt(&journal))
		return session_undo_plug(late, &journal, err);
	return session_return(late, &had, NULL, err);
}

static void return_late(struct session *late)
{
	struct error failure = ERROR_INIT;

	if (return_owed(late, &failure) == 0)
		handover_store_returned(late, "everything that was left of its return is home");
	else if (late->host_goes_down)
		session_log(late, LOG_LEVEL_NOTICE,
			    "what was left of its return stays: %s, and the next boot gives "
			    "everything back",
			    failure.text);
	else
		handover_store_failed(late, LOG_LEVEL_WARNING,
				      "what was left of its return was tried again, and not "
				      "everything could be returned",
				      &failure);
}

/*
 * Of an execution that a session watches (data: the session): returns, in a worker that came back
 * when nobody waited for it any more, what is left of that session's run. Waits for the guest's
 * lock; ends without doing anything where somebody else has returned it or taken its debt over.
 */
static void background_return(void *data)
{
	const struct session *session = data;
	auto_session struct session late = SESSION_INIT;
	struct error failure = ERROR_INIT;

	if (!session->execution)
		return;
	if (open_late(session, &late, &failure) < 0) {
		auto_free char *guest = session_recover_word(session->guest, session->uuid);

		session_log(session, LOG_LEVEL_ERROR,
			    "what is left of its return could not be tried again: %s. It is left "
			    "to \"hostdevctl recover %s\", or to the next call of the hook for a "
			    "guest with host devices.",
			    failure.text, guest);
		return;
	}
	if (is_ours(&late, session->execution->journal_fd) && is_owed(session))
		return_late(&late);
}
