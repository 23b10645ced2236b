// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose run is over though nobody came to return what it was lent: told from the journal, from the
 * processes, and from what libvirt leaves on the disk. Nobody is asked who could be waiting for us.
 */
#include "session/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/text.h"
#include "parsers/libvirt/daemon.h"
#include "parsers/libvirt/qemu.h"
#include "session/handover.h"
#include "session/plug.h"
#include "session/session-undo.h"
#include "session/session.h"
#include "session/unplug.h"
#include "state/journals.h"
#include "state/state-file.h"

/* Among many guests nobody waits long for one; for the one that was asked for, as a hook would. */
#define LOCK_TIMEOUT_MS 5000
#define NAMED_LOCK_TIMEOUT_MS 30000
/* Of a guest's status, as libvirt writes it. */
#define STATUS_MAX (16u * 1024 * 1024)
/*
 * From "prepare" to a QEMU that can be seen. What takes longer is stuck in libvirt; scripts of
 * "start" run in between, and may have as long as a call of the hook.
 */
#define START_TIME_MAX_S 300
#define START_TIME_MARGIN_S 60

const char *recovery_outcome_name(enum recovery_outcome outcome)
{
	switch (outcome) {
	case RECOVERY_RETURNED:
		return "returned";
	case RECOVERY_REMOVED:
		return "removed";
	case RECOVERY_LEFT:
		return "left";
	case RECOVERY_UNSETTLED:
		break;
	}
	return "unsettled";
}

/* One journal under its guest's lock. */
struct case_file {
	const struct recover *recover;
	struct session session;
	struct journal journal;
};

static void case_file_done(struct case_file *file)
{
	session_done(&file->session);
	journal_done(&file->journal);
}

__attribute__((format(printf, 4, 5))) static void report(const struct case_file *file,
							 const char *uuid,
							 enum recovery_outcome outcome,
							 const char *format, ...)
{
	const char *guest = file->journal.guest ? file->journal.guest : uuid;
	auto_free char *note = NULL;
	struct recovery recovery = {.guest = guest, .uuid = uuid, .outcome = outcome};
	va_list args;

	va_start(args, format);
	note = xvasprintf(format, args);
	va_end(args);
	recovery.note = note;
	if (outcome == RECOVERY_UNSETTLED) {
		struct log_fields fields = {.guest = guest, .uuid = uuid, .duration_ms = -1};
		auto_free char *line = xasprintf("not settled: %s", note);

		if (!file->recover->dry_run)
			session_log_line(LOG_LEVEL_WARNING, &fields, line);
	}
	file->recover->report(file->recover->data, &recovery);
}

/* --- who might return it --- */

enum caller_life { CALLER_GONE, CALLER_ALIVE, CALLER_UNKNOWN };

static enum caller_life caller_life(const struct host *host, const struct journal_process *caller)
{
	struct pid_stat stat;
	int ret;

	if (!caller->pid)
		return CALLER_UNKNOWN;
	/* A hook whose libvirt dies has the first process for its parent before it has looked. */
	if (caller->pid == 1 && !daemon_is(host, 1))
		return CALLER_GONE;
	ret = pid_stat_read(host, caller->pid, &stat, NULL);
	if (ret == -ENOENT || ret == -ESRCH)
		return CALLER_GONE;
	if (ret < 0)
		return CALLER_UNKNOWN;
	return stat.start_time == caller->start_time && !strchr("ZX", stat.state) ? CALLER_ALIVE
										  : CALLER_GONE;
}

static int64_t start_time_max_s(const struct journal *journal)
{
	int64_t most_s = (int64_t)journal->limits.total_ms / 1000 + START_TIME_MARGIN_S;

	return most_s > START_TIME_MAX_S ? most_s : START_TIME_MAX_S;
}

/* By a clock that nobody sets, and no journal is older than who called for it. */
static int64_t caller_age_s(const struct journal_process *caller)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec - (int64_t)caller->start_time / sysconf(_SC_CLK_TCK);
}

/* Of the journal's last line. A clock that was set back makes it new. */
static int64_t journal_age_s(const struct case_file *file)
{
	struct timespec now;
	int64_t age_s, most_s = caller_age_s(&file->journal.caller);
	struct stat status;
	char name[64];

	snprintf(name, sizeof(name), "%s" JOURNAL_SUFFIX, file->session.uuid);
	if (fstatat(file->session.locks.dir, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	age_s = now.tv_sec - status.st_mtim.tv_sec;
	/* One that was set on, as at boot from a server, makes it old. */
	return age_s > most_s ? most_s : age_s;
}

/*
 * libvirt keeps this file from just before it lets QEMU begin until it has given its own devices
 * back, through restarts of the daemon too, and calls "release" behind that. Until then it may
 * reset them, which must not happen to one that has its home driver already.
 */
static bool is_on_libvirts_books(const struct case_file *file)
{
	const char *guest = file->journal.guest;
	auto_free char *status = NULL;
	size_t length = 0;
	int ret;

	if (!*guest || strchr(guest, '/'))
		return false;
	ret = host_read_file(file->session.host, HOST_RUN, STATUS_MAX, &status, &length, NULL,
			     "libvirt/qemu/%s.xml", guest);
	if (ret < 0)
		return ret != -ENOENT && ret != -ENOTDIR;
	/* Of another guest that has the name now it says nothing of this one. */
	return strstr(status, file->journal.uuid) != NULL;
}

#define BY_HAND "\"hostdevctl recover %s\" returns it at once"

/* Will libvirt come by itself? True: reported. */
static bool is_libvirts(const struct case_file *file, enum caller_life caller)
{
	const struct journal *journal = &file->journal;
	auto_free char *name = session_recover_word(journal->guest, journal->uuid);
	int64_t age_s = journal_age_s(file), most_s = start_time_max_s(journal);

	if (journal->returning || !journal->lent)
		return false;
	/* Also for who asks for it by name: the daemon would reset what has its driver by then. */
	if (is_on_libvirts_books(file)) {
		auto_free char *file_name = text_escape(journal->guest);

		report(file, journal->uuid, RECOVERY_LEFT,
		       "it does not run, but libvirt has its run on its books, and resets its "
		       "devices when its daemon starts: they are not returned before that. Start "
		       "libvirt's daemon, which returns them; if there is none any more, remove "
		       "/run/libvirt/qemu/%s.xml and run \"hostdevctl recover %s\"",
		       file_name, name);
		return true;
	}
	if (file->recover->guest)
		return false;
	if (caller == CALLER_GONE || age_s > most_s)
		return false;
	report(file, journal->uuid, RECOVERY_LEFT,
	       "it does not run, but libvirt (process %d) may be about to start it; left for %d "
	       "more "
	       "seconds; " BY_HAND,
	       journal->caller.pid, (int)(most_s - (age_s > 0 ? age_s : 0)), name);
	return true;
}

/* Nobody but an admin ends a loan by hand. True: reported. */
static bool is_by_hand(const struct case_file *file)
{
	const struct journal *journal = &file->journal;
	struct error failure = ERROR_INIT;

	if (!journal_stays_by_hand(journal) || journal->claim_count == 0)
		return false;
	if (!file->recover->guest)
		report(file, journal->uuid, RECOVERY_LEFT,
		       "it was lent by hand; \"hostdevctl return %s\" gives it back",
		       ADDR(&journal->claims[0]));
	else if (session_is_open(&file->session, journal, &failure))
		report(file, journal->uuid, RECOVERY_LEFT, "it was lent by hand, and %s",
		       failure.text);
	else
		return false;
	return true;
}

/* --- one journal --- */

static const char *why_over(const struct case_file *file, enum caller_life caller)
{
	if (file->journal.returning)
		return "its return was not finished";
	if (!file->journal.lent)
		return file->journal.by_hand ? "lending it by hand was not finished"
					     : "its start was not finished";
	if (file->journal.by_hand)
		return "it was lent by hand, and was asked for by name";
	if (file->recover->guest)
		return "it does not run, and was asked for by name";
	if (caller == CALLER_GONE)
		return "it does not run, and the libvirt that started it is gone";
	return "it does not run, and nobody has returned it";
}

static void tell_would_return(const struct case_file *file, const char *why)
{
	if (host_is_going_down(file->session.host))
		report(file, file->session.uuid, RECOVERY_LEFT,
		       "%s; the host is being shut down: the next boot gives everything back", why);
	else
		report(file, file->session.uuid, RECOVERY_RETURNED, "%s", why);
}

static void settle(struct case_file *file, const char *why)
{
	struct session *session = &file->session;
	auto_text struct text left = TEXT_INIT;
	struct error failure = ERROR_INIT;
	bool had;
	int ret;

	if (file->recover->dry_run) {
		tell_would_return(file, why);
		return;
	}
	session_log(session, LOG_LEVEL_NOTICE, "%s: returning what it was lent", why);
	ret = session_return(session, &had, NULL, &failure);
	if (ret < 0 && session->host_goes_down) {
		report(file, session->uuid, RECOVERY_LEFT,
		       "%s; %s: the next boot gives everything back, or this command after a soft "
		       "reboot",
		       why, failure.text);
		return;
	}
	if (ret < 0) {
		text_printf(&left, "%s; not everything could be returned: %s", why, failure.text);
		if (session->rest != REST_NONE) {
			text_printf(&left, ".");
			session_tell_rest(session, &left);
		}
		handover_store(session, HANDOVER_RETURN, ret, left.data);
		report(file, session->uuid, RECOVERY_UNSETTLED, "%s", left.data);
		return;
	}
	handover_store_returned(session, "everything is returned");
	text_printf(&left, "%s", why);
	session_tell_left_alone(session, &left);
	report(file, session->uuid, RECOVERY_RETURNED, "%s", left.data);
}

static void return_detached(struct case_file *file, int pid)
{
	struct session *session = &file->session;
	auto_journal struct journal journal = JOURNAL_INIT;
	auto_text struct text list = TEXT_INIT;
	struct error failure = ERROR_INIT;
	int ret;

	if (file->recover->dry_run) {
		report(file, session->uuid, RECOVERY_RETURNED,
		       "it runs (process %d), and of it only what was detached and is not open "
		       "any more",
		       pid);
		return;
	}
	ret = journal_read(session->host, session->uuid, &journal, &failure);

	if (ret == 0)
		ret = unplug_return(session, &journal, &list, &failure);
	if (ret < 0)
		report(file, session->uuid, RECOVERY_UNSETTLED,
		       "it runs (process %d); what was detached from it could not be returned: "
		       "%s. This command tries it again, and so does the next call of the hook for "
		       "a guest with host devices",
		       pid, failure.text);
	else if (list.length == 0)
		report(file, session->uuid, RECOVERY_LEFT,
		       "it runs (process %d); what was detached from it is still open in a process",
		       pid);
	else
		report(file, session->uuid, RECOVERY_RETURNED,
		       "it runs (process %d), and %s was detached from it", pid, list.data);
}

static void return_plug(struct case_file *file, int pid)
{
	struct session *session = &file->session;
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	int ret = journal_read(session->host, session->uuid, &journal, &failure);

	if (host_is_going_down(session->host)) {
		report(file, session->uuid, RECOVERY_LEFT,
		       "it runs (process %d), and lending more to it by hand was not finished; the "
		       "host is being shut down: the next boot gives everything back",
		       pid);
		return;
	}
	if (ret == 0 && !file->recover->dry_run)
		ret = session_undo_plug(session, &journal, &failure);
	if (ret < 0)
		report(file, session->uuid, RECOVERY_UNSETTLED,
		       "it runs (process %d); what was lent to it by hand, and not to the end, "
		       "could not be returned: %s",
		       pid, failure.text);
	else
		report(file, session->uuid, RECOVERY_RETURNED,
		       "it runs (process %d); lending more to it by hand was not finished", pid);
}

/*
 * The caller is looked at first: what it has begun by then can be seen when QEMU is looked for, and
 * a QEMU never begins without the daemon that has forked it.
 */
static void judge(struct case_file *file)
{
	struct session *session = &file->session;
	enum caller_life caller = caller_life(session->host, &file->journal.caller);
	struct error failure = ERROR_INIT;
	struct qemu qemu = {0};

	if (qemu_find(session->host, session->uuid, &qemu, &failure) < 0)
		report(file, session->uuid, RECOVERY_UNSETTLED,
		       "whether it runs is not known: %s; nothing was changed", failure.text);
	else if (qemu.life == QEMU_UNKNOWN)
		report(file, session->uuid, RECOVERY_UNSETTLED,
		       "whether it runs is not known: %s; nothing was changed", qemu.why);
	else if (qemu.life == QEMU_ALIVE && session_has_plug_debt(&file->journal))
		return_plug(file, (int)qemu.pid);
	else if (qemu.life == QEMU_ALIVE && unplug_is_due(session->host, &file->journal))
		return_detached(file, (int)qemu.pid);
	else if (qemu.life == QEMU_ALIVE)
		report(file, session->uuid, RECOVERY_LEFT,
		       file->journal.returning ? "its QEMU (process %d) has not ended yet"
					       : "it runs (process %d)",
		       (int)qemu.pid);
	else if (!is_by_hand(file) && !is_libvirts(file, caller))
		settle(file, why_over(file, caller));
}

static void remove_older(struct case_file *file)
{
	struct error failure = ERROR_INIT;
	bool had;

	if (!file->recover->dry_run && session_return(&file->session, &had, NULL, &failure) < 0)
		report(file, file->session.uuid, RECOVERY_UNSETTLED, "%s", failure.text);
	else
		report(file, file->session.uuid, RECOVERY_REMOVED,
		       "its journal was of an earlier boot: nothing of it is left");
}

static void read_case(struct case_file *file, const char *uuid)
{
	struct session *session = &file->session;
	struct error failure = ERROR_INIT;
	int ret = journal_read(session->host, uuid, &file->journal, &failure);

	/* Settled by whoever had the lock before. */
	if (ret == -ENOENT)
		return;
	if (ret < 0) {
		report(file, uuid, RECOVERY_UNSETTLED,
		       "%s; nothing was changed: put its devices back by hand, then remove the "
		       "file",
		       failure.text);
		return;
	}
	if (file->recover->wants && !file->recover->wants(file->recover->data, &file->journal))
		return;
	session->guest = file->journal.guest;
	handover_look(session, &file->journal);
	if (strcmp(file->journal.boot_id, session->boot_id) != 0)
		remove_older(file);
	else
		judge(file);
}

static void recover_guest(const struct recover *recover, const char *uuid)
{
	cleanup(case_file_done) struct case_file file = {
		.recover = recover, .session = SESSION_INIT, .journal = JOURNAL_INIT};
	unsigned int timeout_ms = recover->dry_run ? 0
				  : recover->guest ? NAMED_LOCK_TIMEOUT_MS
						   : LOCK_TIMEOUT_MS;
	struct error failure = ERROR_INIT;
	int ret = session_open_within(&file.session, recover->host, uuid, uuid, false, timeout_ms,
				      &failure);

	if (ret == 0) {
		read_case(&file, uuid);
		return;
	}
	/* Only to say whose it is. */
	journal_read(recover->host, uuid, &file.journal, NULL);
	if (ret == -ETIMEDOUT)
		report(&file, uuid, RECOVERY_LEFT, "somebody is at work on it: %s", failure.text);
	else
		report(&file, uuid, RECOVERY_UNSETTLED, "%s", failure.text);
}

/* --- all of them --- */

/*
 * A journal that was begun and never got its name, and the lock files that earlier versions had for
 * each guest: whoever gets the lock knows that nobody is at it.
 */
static void sweep(const struct recover *recover, const char *suffix)
{
	cleanup(host_free_names) char **uuids = NULL;

	if (journals_list(recover->host, suffix, &uuids, NULL) < 0)
		return;
	for (size_t i = 0; uuids[i]; i++) {
		auto_session struct session session = SESSION_INIT;
		char name[64];

		if (session_open_within(&session, recover->host, uuids[i], uuids[i], false, 0,
					NULL) < 0)
			continue;
		snprintf(name, sizeof(name), "%s%s", uuids[i], suffix);
		unlinkat(session.locks.dir, name, 0);
	}
}

static bool is_asked_for(const struct recover *recover, const char *uuid)
{
	auto_journal struct journal journal = JOURNAL_INIT;

	return !recover->guest || strcmp(recover->guest, uuid) == 0 ||
	       (journal_read(recover->host, uuid, &journal, NULL) == 0 &&
		strcmp(recover->guest, journal.guest) == 0);
}

int recover_run(const struct recover *recover, struct error *err)
{
	cleanup(host_free_names) char **uuids = NULL;
	int ret = journals_list(recover->host, JOURNAL_SUFFIX, &uuids, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; uuids[i]; i++)
		if (is_asked_for(recover, uuids[i]))
			recover_guest(recover, uuids[i]);
	if (!recover->guest && !recover->dry_run) {
		sweep(recover, JOURNAL_SUFFIX STATE_FILE_NEW);
		sweep(recover, HANDOVER_SUFFIX STATE_FILE_NEW);
		sweep(recover, ".lock");
	}
	return 0;
}
