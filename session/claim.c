// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that a guest has without having been lent them here, and that no other guest may be lent.
 * "start": the XML names for the first time the virtual function that libvirt has taken from a
 * network's pool. "reconnect": libvirt's daemon has come back and found the guest running; what is
 * wrong then is said in the log and nowhere else, as libvirt answers a failure by killing the
 * guest. Tests: hook/test-engine-claims.c, hook/test-adopt.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/worker.h"
#include "model/cell.h"
#include "parsers/pci/label.h"
#include "session/heal.h"
#include "session/hook-call.h"
#include "session/session.h"
#include "state/journal-file.h"
#include "state/journals.h"

/* libvirt has the guest locked meanwhile, and nothing here is urgent. */
#define ADOPT_LOCK_TIMEOUT_MS 10000
#define ADOPT_TIMEOUT_MS 30000

/* A guest, and what is written of it. */
struct claims {
	struct session session;
	const struct guest *guest;
	struct journal journal;
	bool exists;       /* the journal, of this boot */
	struct text lines; /* to be appended to it */
};

#define CLAIMS_INIT(guest_)                                                                        \
	{                                                                                          \
		.session = SESSION_INIT, .guest = (guest_), .journal = JOURNAL_INIT,               \
		.lines = TEXT_INIT                                                                 \
	}

static void claims_done(struct claims *claims)
{
	session_done(&claims->session);
	journal_done(&claims->journal);
	text_done(&claims->lines);
}

/* Of this boot, or a new one. */
static int claims_read(struct claims *claims, struct error *err)
{
	const struct session *session = &claims->session;
	struct journal *journal = &claims->journal;
	int ret = journal_read(session->host, session->uuid, journal, err);

	if (ret < 0 && ret != -ENOENT)
		return ret;
	claims->exists = ret == 0 && strcmp(journal->boot_id, session->boot_id) == 0;
	if (claims->exists)
		return 0;
	journal_done(journal);
	*journal = session_new_journal(session, claims->guest->name);
	journal->lent = true;
	return 0;
}

static int claims_write(const struct claims *claims, struct error *err)
{
	auto_close int fd = -1;

	if (claims->exists)
		return session_append(&claims->session, &claims->journal, claims->lines.data, err);
	return journal_file_create(claims->session.host, &claims->journal, &fd, err);
}

static void add_claim(struct claims *claims, const struct pci_addr *addr)
{
	array_push(claims->journal.claims, claims->journal.claim_count, *addr);
	text_printf(&claims->lines, "claim %s\n", ADDR(addr));
}

/* --- a guest that starts --- */

static int refuse_claimed(const struct session *session, const struct claim *claim,
			  struct error *err)
{
	auto_free char *owner = text_escape(claim->guest);
	auto_free char *word = session_recover_word(claim->guest, claim->uuid);
	struct device_label label = label_read(session->host, &claim->addr);

	if (claim->by_hand)
		return error_set(err, EBUSY,
				 "%s was lent by hand; \"hostdevctl return %s\" gives it back",
				 label.text, ADDR(&claim->addr));
	if (claim->over)
		return error_set(err, EBUSY,
				 "%s is not returned yet from the last run of guest %s; run "
				 "\"hostdevctl recover %s\"",
				 label.text, owner, word);
	return error_set(err, EBUSY, "%s belongs to guest %s; stop %s first", label.text, owner,
			 owner);
}

/* Refused where another guest's journal has one of them. */
static int claim_devices(struct claims *claims, struct error *err)
{
	const struct session *session = &claims->session;
	auto_snapshot struct snapshot snapshot = {0};
	int ret = journals_read_claims(session->host, session->uuid, &snapshot, err);

	for (size_t i = 0; ret == 0 && i < claims->guest->hostdev_count; i++) {
		const struct pci_addr *addr = &claims->guest->hostdevs[i].addr;
		const struct claim *claim = snapshot_claim(&snapshot, addr, session->uuid);

		if (claim)
			ret = refuse_claimed(session, claim, err);
		else if (!journal_has_claim(&claims->journal, addr))
			add_claim(claims, addr);
	}
	return ret;
}

static int refuse_in_flight(const struct session *session, const struct journal *journal,
			    const struct step *step, struct error *err)
{
	auto_free char *guest = session_recover_word(journal->guest, journal->uuid);
	struct device_label label = {""};
	struct pci_addr addr;

	snprintf(label.text, sizeof(label.text), "%s", step->target);
	if (pci_addr_parse(step->target, &addr))
		label = label_read(session->host, &addr);
	return error_set(err, EBUSY,
			 "its last run is not returned yet: %s of %s is recorded as in flight; "
			 "\"hostdevctl recover %s\" tries to return it, and tells what keeps it",
			 step_kind_name(step->kind), label.text, guest);
}

/*
 * What could not be returned of the last run is no reason not to start, and its journal not the
 * place for what this run claims: of a return, nothing counts but what is still to be put back.
 */
static int begin_anew(struct claims *claims, struct error *err)
{
	struct journal *journal = &claims->journal;

	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->marks[i] == MARK_IN_FLIGHT)
			return refuse_in_flight(&claims->session, journal, &journal->steps[i], err);
	journal_keep_rest(journal);
	journal->caller = claims->session.caller;
	journal->lent = true;
	claims->exists = false;
	return 0;
}

static bool has_all(const struct claims *claims)
{
	for (size_t i = 0; i < claims->guest->hostdev_count; i++)
		if (!journal_has_claim(&claims->journal, &claims->guest->hostdevs[i].addr))
			return false;
	return true;
}

static int claim_for_start(struct claims *claims, struct error *err)
{
	int ret = claims_read(claims, err);

	if (ret == 0 && claims->exists && claims->journal.returning)
		ret = begin_anew(claims, err);
	if (ret < 0 || (claims->exists && has_all(claims)))
		return ret;
	if (!claims->exists)
		claims->journal.lent_at = time(NULL);
	ret = claim_devices(claims, err);
	return ret < 0 ? ret : claims_write(claims, err);
}

int hook_call_claim(struct hook_call *call, struct text *message)
{
	cleanup(claims_done) struct claims claims = CLAIMS_INIT(&call->parsed);
	struct error failure = ERROR_INIT;
	int ret = hook_call_parse(call, &failure);

	if (ret == 0 && claims.guest->hostdev_count == 0)
		return 0;
	if (ret == 0)
		ret = hook_call_check(call, &failure);
	if (ret == 0)
		ret = session_open(&claims.session, call->host, claims.guest->name,
				   claims.guest->uuid, true, &failure);
	if (ret == 0)
		ret = session_lock_claims(&claims.session, &failure);
	if (ret == 0)
		ret = claim_for_start(&claims, &failure);
	if (ret < 0)
		text_printf(message, "%s. What was lent for this start is returned.", failure.text);
	session_done(&claims.session);
	/*
	 * Not before the claim, and not after a claim that was refused: by now libvirt has bound
	 * the device to VFIO, and libvirt will use the device or bring it home itself.
	 */
	if (ret == 0)
		heal_others(call->host, claims.guest->uuid);
	return ret;
}

/* --- a guest that runs --- */

static void tell_claimed(const struct session *session, const struct pci_addr *addr,
			 const struct claim *claim)
{
	auto_free char *owner = text_escape(claim->guest);

	session_log(session, LOG_LEVEL_WARNING,
		    claim->by_hand
			    ? "it runs with %s, which was lent by hand for %s, as the journal of "
			      "that loan says: not claimed"
			    : "it runs with %s, which belongs to guest %s by that one's journal: "
			      "not claimed",
		    label_read(session->host, addr).text,
		    claim_is_of_nobody(claim) ? "nobody in particular" : owner);
}

/* What others have claimed stays theirs, in the books: who really has it, QEMU and the kernel know.
 */
static void adopt_devices(struct claims *claims)
{
	const struct session *session = &claims->session;
	auto_snapshot struct snapshot snapshot = {0};
	struct error failure = ERROR_INIT;

	if (journals_read_claims(session->host, session->uuid, &snapshot, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING, "what others claim is not known: %s",
			    failure.text);
	for (size_t i = 0; i < claims->guest->hostdev_count; i++) {
		const struct pci_addr *addr = &claims->guest->hostdevs[i].addr;
		const struct claim *claim = snapshot_claim(&snapshot, addr, session->uuid);

		if (journal_has_claim(&claims->journal, addr))
			continue;
		if (claim)
			tell_claimed(session, addr, claim);
		else
			add_claim(claims, addr);
	}
}

/* The devices of a running guest are on a VFIO driver; one that is not has been taken from it. */
static void check_devices(const struct claims *claims)
{
	const struct session *session = &claims->session;

	for (size_t i = 0; i < claims->journal.claim_count; i++) {
		const struct pci_addr *addr = &claims->journal.claims[i];
		char driver[CELL_NAME_SIZE] = "";

		if (!host_exists(session->host, HOST_SYS, "bus/pci/devices/%s", ADDR(addr))) {
			session_log(session, LOG_LEVEL_WARNING,
				    "it runs, and its device %s is gone", ADDR(addr));
			continue;
		}
		if (session_is_on_vfio(session->host, addr))
			continue;
		host_read_link_name(session->host, HOST_SYS, driver, sizeof(driver), NULL,
				    "bus/pci/devices/%s/driver", ADDR(addr));
		session_log(session, LOG_LEVEL_WARNING,
			    "it runs, and its device %s is on %s, not on a VFIO driver",
			    label_read(session->host, addr).text, *driver ? driver : "no driver");
	}
}

/* From now on it is this daemon that will ask for the return. */
static void continue_journal(struct claims *claims)
{
	const struct session *session = &claims->session;
	const struct journal *journal = &claims->journal;

	if (session->caller.pid && (session->caller.pid != journal->caller.pid ||
				    session->caller.start_time != journal->caller.start_time))
		journal_format_caller(&session->caller, &claims->lines);
	/* Where it runs without a device, nothing of the loan is its own. */
	if (journal->by_hand && claims->guest->hostdev_count > 0)
		text_printf(&claims->lines, JOURNAL_TAKEN_OVER);
	if (journal->returning)
		session_log(session, LOG_LEVEL_WARNING, "it runs, and its return had begun");
	else if (!journal->lent)
		journal_format_lent(0, &claims->lines);
}

static int write_adopted(struct claims *claims, struct error *err)
{
	size_t count = claims->journal.claim_count;
	int ret;

	if (claims->exists)
		continue_journal(claims);
	else if (count == 0)
		return 0;
	ret = claims_write(claims, err);
	if (ret == 0 && !claims->exists)
		session_log(&claims->session, LOG_LEVEL_NOTICE,
			    "it runs and had no journal: %zu device%s claimed for it", count,
			    count == 1 ? " is" : "s are");
	return ret;
}

/* Claims under the short lock, if it can be had: a guest that runs has its devices in any case. */
static int adopt(struct claims *claims, struct error *err)
{
	struct session *session = &claims->session;
	struct error failure = ERROR_INIT;
	int ret = claims_read(claims, err);

	if (ret < 0)
		return ret;
	/* The daemon may have gone, or come to the guest's end, while its lock was waited for. */
	if (worker_is_late())
		return error_set(err, ECANCELED, "nobody waits for it any more");
	if (session_lock_claims(session, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING, "%s: going on without", failure.text);
	adopt_devices(claims);
	ret = write_adopted(claims, err);
	session_unlock_claims(session);
	check_devices(claims);
	return ret;
}

struct adopt_task {
	struct hook_call *call;
	struct journal_process caller;
};

static int adopt_guest(void *data, struct error *err)
{
	const struct adopt_task *task = data;
	const struct guest *guest = &task->call->parsed;
	cleanup(claims_done) struct claims claims = CLAIMS_INIT(guest);
	int ret = hook_call_check(task->call, err);

	if (ret == 0)
		ret = session_open_within(&claims.session, task->call->host, guest->name,
					  guest->uuid, guest->hostdev_count > 0,
					  ADOPT_LOCK_TIMEOUT_MS, err);
	/* Neither host devices nor a directory for journals. */
	if (ret == -ENOENT)
		return 0;
	claims.session.caller = task->caller;
	return ret == 0 ? adopt(&claims, err) : ret;
}

/* Neither the child's own parent nor a guard is who waits for us. */
static struct journal_process find_caller(const struct hook_call *call)
{
	struct journal_process parent = session_find_caller(call->host), caller;
	struct pid_stat stat;

	if (!call->guarded || !parent.pid)
		return parent;
	if (pid_stat_read(call->host, parent.pid, &stat, NULL) < 0)
		return (struct journal_process){0};
	caller.pid = stat.parent;
	if (pid_stat_read(call->host, caller.pid, &stat, NULL) < 0)
		return (struct journal_process){0};
	caller.start_time = stat.start_time;
	return caller;
}

void hook_call_adopt(struct hook_call *call)
{
	struct adopt_task task = {.call = call, .caller = find_caller(call)};
	struct worker worker = {.work = adopt_guest, .data = &task, .timeout_ms = ADOPT_TIMEOUT_MS};
	struct log_fields fields = {.guest = call->guest, .duration_ms = -1};
	auto_free char *line = NULL;

	/* Here, so that the child need not, and where it fails the child says so. */
	hook_call_parse(call, NULL);
	workers_run(&worker, 1);
	if (worker.result < 0) {
		line = xasprintf("it runs, but its devices could not be claimed for it: %s",
				 worker.error.text);
		session_log_line(LOG_LEVEL_WARNING, &fields, line);
	}
	if (call->parsed.hostdev_count > 0)
		heal_debts(call->host, call->parsed.uuid);
}
