// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every piece of work shares: the state directory and whom it must belong to, the locks, the
 * lines in the log, and settling what an earlier run of the guest left behind.
 */
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/table.h"
#include "actions/vfio-group.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/device.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "scan/process.h"
#include "session/handover.h"
#include "session/background.h"
#include "session/owner.h"
#include "state/journal-file.h"
#include "state/journals.h"
#include "state/state-dir.h"
#include "state/state-locks.h"

#define GUEST_LOCK_TIMEOUT_MS 30000

struct journal_process session_find_caller(const struct host *host)
{
	struct journal_process caller = {.pid = getppid()};
	auto_close int process = process_open(host, caller.pid);
	struct process_stat stat;

	if (process < 0 || process_stat(process, &stat) < 0)
		return (struct journal_process){0};
	caller.start_time = stat.start_time;
	return caller;
}

int session_open(struct session *session, struct host *host, const char *guest, const char *uuid,
		 bool create, struct error *err)
{
	return session_open_within(session, host, guest, uuid, create, GUEST_LOCK_TIMEOUT_MS, err);
}

int session_open_within(struct session *session, struct host *host, const char *guest,
			const char *uuid, bool create, unsigned int timeout_ms, struct error *err)
{
	struct session opened = SESSION_INIT;
	int ret;

	opened.host = host;
	opened.guest = guest;
	opened.started_ms = opened.opened_ms = host_now_ms();
	opened.caller = session_find_caller(host);
	memcpy(opened.uuid, uuid, sizeof(opened.uuid));
	/* No -ENOENT from here: that says that there is no state directory. */
	if (host_boot_id(host, opened.boot_id, err) < 0)
		return error_set(err, EIO, "this host tells no boot id: is /proc mounted?");
	opened.locks.dir = ret = state_dir_open(host, create, err);
	if (ret >= 0)
		ret = state_locks_take_guest(&opened.locks, host, uuid, timeout_ms, err);
	if (ret < 0) {
		state_locks_done(&opened.locks);
		return ret;
	}
	*session = opened;
	return 0;
}

void session_done(struct session *session)
{
	state_locks_done(&session->locks);
	handover_done(&session->work);
}

int session_lock_claims(struct session *session, struct error *err)
{
	return state_locks_take_claims(&session->locks, session->host, err);
}

void session_unlock_claims(struct session *session)
{
	lock_release(&session->locks.claims);
}

void session_log(const struct session *session, enum log_level level, const char *format, ...)
{
	struct log_fields fields = {
		.guest = session->guest, .uuid = session->uuid, .duration_ms = -1};
	auto_free char *message = NULL, *name = NULL, *line = NULL;
	va_list args;

	va_start(args, format);
	message = xvasprintf(format, args);
	va_end(args);
	name = text_escape(session->guest);
	line = xasprintf("%s: %s", name, message);
	log_write(level, &fields, line);
}

char *recover_word(const char *name, const char *uuid)
{
	auto_free char *quoted = text_quote(name);

	return xstrdup(name[0] != '-' && strcmp(quoted, name) == 0 ? name : uuid);
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

static void remember_failure(struct session *session, const struct step_event *event)
{
	if (event->failed && !session->failed)
		session->failed = event->step;
}

/* Put back by nobody, and no failure either. */
static bool is_left_alone(const struct step_event *event)
{
	return event->left && !event->failed && !step_kind_is_gate(event->step->kind) &&
	       !step_ops(event->step->kind)->keep;
}

void session_tell_left_alone(const struct session *session, struct text *out)
{
	if (session->left_alone)
		text_printf(out, ", but for what somebody else has changed since, or whose device "
				 "is gone: left alone, as the log says");
}

static bool is_device_step(enum step_kind kind)
{
	return kind == STEP_DRIVER || kind == STEP_POWER;
}

/* What the kernel says of a step that it keeps, line by line. */
static void log_details(const struct session *session, const struct log_fields *fields,
			const char *details)
{
	auto_free char *name = text_escape(session->guest);

	while (details && *details) {
		int length = (int)strcspn(details, "\n");
		auto_free char *raw = xasprintf("%.*s", length, details);
		auto_free char *safe = text_escape(raw);
		auto_free char *line = xasprintf("%s: kernel: %s", name, safe);

		log_write(LOG_LEVEL_WARNING, fields, line);
		details += length + (details[length] == '\n');
	}
}

static void log_step(void *data, const struct step_event *event)
{
	struct session *session = data;
	const struct step *step = event->step;
	struct log_fields fields = {.guest = session->guest,
				    .uuid = session->uuid,
				    .device = is_device_step(step->kind) ? step->target : NULL,
				    .duration_ms = (int64_t)event->duration_ms};
	auto_free char *name = text_escape(session->guest);
	auto_free char *line = xasprintf(
		"%s: %s %s %s %s -> %s in %llu ms%s%s", name, event_verb(event),
		step_kind_name(step->kind), step->target, event->undo ? step->after : step->before,
		event->undo ? step->before : step->after, (unsigned long long)event->duration_ms,
		event->note ? ": " : "", event->note ? event->note : "");

	remember_failure(session, event);
	session->left_alone |= is_left_alone(event);
	/* Nothing of a gate is ever put back: that is no news. */
	if (event->undo && step_kind_is_gate(step->kind) && !event->failed)
		return;
	handover_note(session, event);
	log_write(event_level(event), &fields, line);
	log_details(session, &fields, event->details);
}

void session_watch(struct session *session, struct execution *execution)
{
	session->failed = NULL;
	session->left_alone = false;
	session->rest = REST_NONE;
	session->execution = execution;
	execution->report = log_step;
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

void session_tell_rest(const struct session *session, struct text *out)
{
	auto_free char *guest = recover_word(session->guest, session->uuid);

	switch (session->rest) {
	case REST_IN_FLIGHT:
		text_printf(
			out,
			" When the kernel answers, the rest comes home by itself; if it never "
			"does, only a restart of the host helps.%s Where the kernel waits is in "
			"the log: journalctl -t hostdev-hook.",
			session->guest_runs ? "" : " Until then the guest cannot be started.");
		break;
	case REST_KILLED:
		text_printf(out,
			    " What is left is tried once more in the background, and the log tells "
			    "how that ends (journalctl -t hostdev-hook); \"hostdevctl recover %s\" "
			    "tries it again.",
			    guest);
		break;
	case REST_LATER:
		text_printf(
			out,
			" The rest is returned in the background, and the log tells when all of "
			"it is home (journalctl -t hostdev-hook). A start of the guest waits for "
			"that.");
		break;
	case REST_NONE:
		break;
	}
}

uint64_t session_deadline(const struct session *session, const struct limits *limits)
{
	uint64_t end_ms = session->started_ms ? session->started_ms + limits->total_ms : 0;

	if (session->until_ms && (!end_ms || session->until_ms < end_ms))
		end_ms = session->until_ms;
	return end_ms;
}

uint64_t session_deadline_ahead(const struct session *session, const struct limits *limits)
{
	return session->started_ms ? session->started_ms + limits->total_ms / 3 * 2 : 0;
}

static void add_pin(const struct pin *pin, struct text *out)
{
	if (*pin->name)
		text_printf(out, "%s, ", pin->name);
	pin_format(pin, out);
}

/* With the numbers, as two devices may have the same name. Heap. */
static char *note_of_stranger(const struct pin *lent, const struct device *now)
{
	auto_text struct text was = TEXT_INIT, is = TEXT_INIT;
	struct pin both[2] = {*lent};
	struct snapshot named = {.pins = {.items = both, .count = 2}};

	pin_of_device(now, &both[1]);
	names_fill(&named);
	add_pin(&both[0], &was);
	add_pin(&both[1], &is);
	return xasprintf(
		"another device stands at its address now: %s; the device that was lent is %s",
		is.data, was.data);
}

/*
 * In a hot-plug slot, behind Thunderbolt, or of virtual functions that were made anew: to bind the
 * driver of the old one to it would force that on foreign hardware.
 */
void session_find_strangers(const struct session *session, struct execution *execution)
{
	const struct pins *devices = &execution->journal.devices;

	for (size_t i = 0; i < devices->count; i++) {
		struct device device;

		if (pci_identity_read(session->host, &devices->items[i].addr, &device, NULL) < 0 ||
		    pin_matches(&devices->items[i], &device))
			continue;
		execution_add_stranger(execution, &device.addr,
				       note_of_stranger(&devices->items[i], &device));
	}
}

void session_finish(const struct session *session, struct execution *execution)
{
	auto_free char *guest = recover_word(session->guest, session->uuid);
	struct error failure = ERROR_INIT;

	if (execution_finish(execution, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING,
			    "what it was lent is returned, and its journal cannot be removed (%s): "
			    "as long as it is there, other guests are refused the devices. When "
			    "/run can be written again, \"hostdevctl recover %s\" removes it.",
			    failure.text, guest);
}

bool session_is_on_vfio(const struct host *host, const struct pci_addr *addr)
{
	char driver[HOST_NAME_SIZE] = "";

	host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
			    "bus/pci/devices/%s/driver", ADDR(addr));
	return driver_is_vfio(driver) ||
	       host_exists(host, HOST_SYS, "bus/pci/devices/%s/vfio-dev", ADDR(addr));
}

bool session_is_open(const struct session *session, const struct journal *journal,
		     struct error *err)
{
	for (size_t i = 0; i < journal->claim_count; i++)
		if (session_is_on_vfio(session->host, &journal->claims[i]) &&
		    vfio_group_wait(session->host, ADDR(&journal->claims[i]), 0, err) < 0)
			return true;
	return false;
}

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

static bool has_unsettled(const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal_mark_is_unsettled(journal->marks[i]))
			return true;
	return false;
}

/*
 * A start of units would fail, or hold the shutdown up; so might a driver's probe, and a disk that
 * appears would be mounted or assembled. The journal's last line is for a reboot of the user space
 * alone, which keeps drivers and /run as they are.
 */
static int leave_all(struct session *session, const struct journal *journal, struct error *err)
{
	auto_close int fd = -1;

	if (!journal->returning && journal_file_open(session->host, journal, &fd, NULL) == 0)
		journal_file_append(fd, JOURNAL_RETURNING, strlen(JOURNAL_RETURNING), NULL);
	session->host_goes_down = true;
	return error_set(err, ESHUTDOWN, "the host is being shut down");
}

static int settle_journal(struct session *session, struct journal *journal,
			  struct journal *ret_rest, struct error *err)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	int ret;

	look_at_detached(session, journal);
	if (has_unsettled(journal) && host_is_going_down(session->host))
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
		return settle_journal(session, &journal, ret_rest, err);
	/* That boot's end gave every device back, and its drivers were chosen anew since. */
	session_log(session, LOG_LEVEL_NOTICE,
		    "a journal of an earlier boot is removed: nothing of it is left");
	return journal_file_remove(session->host, &journal, err);
}
