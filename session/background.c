// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a device comes home by itself: whoever was kept by the kernel until the hook had gone returns
 * what is left of the hook's run, if it is still that run's to return.
 */
#include "session/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "session/handover.h"
#include "session/plug.h"
#include "session/session.h"
#include "state/journal-file.h"
#include "state/journals.h"
#include "state/state-locks.h"

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

/* After this attempt nothing is tried by itself, unless the kernel keeps a worker again. */
static void tell_failure(struct session *late, const struct error *failure)
{
	auto_free char *guest = recover_word(late->guest, late->uuid), *line = NULL;
	auto_text struct text next = TEXT_INIT;

	if (late->rest == REST_IN_FLIGHT)
		session_tell_rest(late, &next);
	else
		text_printf(&next,
			    " The next call of the hook for a guest with host devices tries it "
			    "again, and so does \"hostdevctl recover %s\".",
			    guest);
	line = xasprintf("what was left of its return was tried again, and not everything could "
			 "be returned: %s.%s",
			 failure->text, next.data);
	session_log(late, LOG_LEVEL_WARNING, "%s", line);
	handover_store(late, HANDOVER_RETURN, -failure->code, line);
}

/* Of a guest that runs on, only what was being lent to it. */
static int settle_owed(struct session *late, struct error *err)
{
	auto_journal struct journal journal = {0};
	bool had;

	if (journal_read(late->host, late->uuid, &journal, NULL) == 0 && plug_is_debt(&journal))
		return plug_undo(late, &journal, err);
	return session_return(late, &had, NULL, err);
}

static void settle(struct session *late)
{
	auto_text struct text left = TEXT_INIT;
	struct error failure = ERROR_INIT;
	int ret = settle_owed(late, &failure);

	text_append(&left, "", 0);
	session_tell_left_alone(late, &left);
	if (ret == 0) {
		session_log(late, LOG_LEVEL_NOTICE,
			    "everything that was left of its return is home%s", left.data);
		handover_store(late, HANDOVER_RETURN, 0, left.length ? left.data + 2 : NULL);
		return;
	}
	if (late->host_goes_down) {
		session_log(late, LOG_LEVEL_NOTICE,
			    "what was left of its return stays: %s, and the next boot gives "
			    "everything back",
			    failure.text);
		return;
	}
	tell_failure(late, &failure);
}

void background_return(void *data)
{
	const struct session *session = data;
	auto_session struct session late = SESSION_INIT;
	struct error failure = ERROR_INIT;

	if (!session->execution)
		return;
	if (open_late(session, &late, &failure) < 0) {
		auto_free char *guest = recover_word(session->guest, session->uuid);

		session_log(session, LOG_LEVEL_ERROR,
			    "what is left of its return could not be tried again: %s. It is left "
			    "to \"hostdevctl recover %s\", or to the next call of the hook for a "
			    "guest with host devices.",
			    failure.text, guest);
		return;
	}
	if (is_ours(&late, session->execution->journal_fd) && is_owed(session))
		settle(&late);
}
