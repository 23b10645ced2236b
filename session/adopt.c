// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "reconnect": libvirt's daemon has come back and found the guest running. Whatever is wrong here
 * is said in the log and nowhere else, as libvirt answers a failure by killing the guest.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/worker.h"
#include "model/cell.h"
#include "model/device.h"
#include "parsers/domain/domain.h"
#include "parsers/pci/label.h"
#include "session/heal.h"
#include "session/session.h"
#include "state/journal-file.h"
#include "state/journals.h"

/* libvirt has the guest locked meanwhile, and nothing here is urgent. */
#define ADOPT_LOCK_TIMEOUT_MS 10000
#define ADOPT_TIMEOUT_MS 30000

/* A guest that runs, and what is written of it. */
struct adoption {
	struct session session;
	struct guest guest;
	struct journal journal;
	bool exists;       /* the journal, of this boot */
	struct text lines; /* to be appended to it */
};

static void adoption_done(struct adoption *adoption)
{
	session_done(&adoption->session);
	guest_done(&adoption->guest);
	journal_done(&adoption->journal);
	text_done(&adoption->lines);
}

static int read_journal(struct adoption *adoption, struct error *err)
{
	const struct session *session = &adoption->session;
	struct journal *journal = &adoption->journal;
	int ret = journal_read(session->host, session->uuid, journal, err);

	adoption->exists = ret == 0 && strcmp(journal->boot_id, session->boot_id) == 0;
	if (ret < 0 && ret != -ENOENT)
		return ret;
	if (adoption->exists)
		return 0;
	journal_done(journal);
	*journal = (struct journal)JOURNAL_INIT;
	journal->guest = xstrdup(adoption->guest.name);
	memcpy(journal->boot_id, session->boot_id, sizeof(journal->boot_id));
	memcpy(journal->uuid, session->uuid, sizeof(journal->uuid));
	journal->caller = session->caller;
	journal->lent = true;
	return 0;
}

static void add_claim(struct adoption *adoption, const struct pci_addr *addr)
{
	struct journal *journal = &adoption->journal;

	array_push(journal->claims, journal->claim_count, *addr);
	text_printf(&adoption->lines, "claim %s\n", ADDR(addr));
}

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
static void add_claims(struct adoption *adoption)
{
	const struct session *session = &adoption->session;
	auto_snapshot struct snapshot snapshot = {0};
	struct error failure = ERROR_INIT;

	if (journals_read_claims(session->host, session->uuid, &snapshot, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING, "what others claim is not known: %s",
			    failure.text);
	for (size_t i = 0; i < adoption->guest.hostdev_count; i++) {
		const struct pci_addr *addr = &adoption->guest.hostdevs[i].addr;
		const struct claim *claim = snapshot_claim(&snapshot, addr, session->uuid);

		if (journal_has_claim(&adoption->journal, addr))
			continue;
		if (claim)
			tell_claimed(session, addr, claim);
		else
			add_claim(adoption, addr);
	}
}

/* The devices of a running guest are on a VFIO driver; one that is not has been taken from it. */
static void check_claims(const struct adoption *adoption)
{
	const struct session *session = &adoption->session;

	for (size_t i = 0; i < adoption->journal.claim_count; i++) {
		const struct pci_addr *addr = &adoption->journal.claims[i];
		char driver[CELL_NAME_SIZE] = "";

		if (!host_exists(session->host, HOST_SYS, "bus/pci/devices/%s", ADDR(addr))) {
			session_log(session, LOG_LEVEL_WARNING,
				    "it runs, and its device %s is gone", ADDR(addr));
			continue;
		}
		host_read_link_name(session->host, HOST_SYS, driver, sizeof(driver), NULL,
				    "bus/pci/devices/%s/driver", ADDR(addr));
		if (!driver_is_vfio(driver) &&
		    !host_exists(session->host, HOST_SYS, "bus/pci/devices/%s/vfio-dev",
				 ADDR(addr)))
			session_log(session, LOG_LEVEL_WARNING,
				    "it runs, and its device %s is on %s, not on a VFIO driver",
				    label_read(session->host, addr).text,
				    *driver ? driver : "no driver");
	}
}

static int create_journal(struct adoption *adoption, struct error *err)
{
	auto_close int fd = -1;
	int ret;

	if (adoption->journal.claim_count == 0)
		return 0;
	ret = journal_file_create(adoption->session.host, &adoption->journal, &fd, err);
	if (ret == 0)
		session_log(&adoption->session, LOG_LEVEL_NOTICE,
			    "it runs and had no journal: %zu device%s claimed for it",
			    adoption->journal.claim_count,
			    adoption->journal.claim_count == 1 ? " is" : "s are");
	return ret;
}

/* From now on it is this daemon that will ask for the return. */
static int continue_journal(struct adoption *adoption, struct error *err)
{
	const struct session *session = &adoption->session;
	const struct journal *journal = &adoption->journal;
	auto_close int fd = -1;
	int ret;

	if (session->caller.pid && (session->caller.pid != journal->caller.pid ||
				    session->caller.start_time != journal->caller.start_time))
		journal_format_caller(&session->caller, &adoption->lines);
	/* Where it runs without a device, nothing of the loan is its own. */
	if (journal->by_hand && adoption->guest.hostdev_count > 0)
		text_printf(&adoption->lines, JOURNAL_TAKEN_OVER);
	if (journal->returning)
		session_log(session, LOG_LEVEL_WARNING, "it runs, and its return had begun");
	else if (!journal->lent)
		journal_format_lent(0, &adoption->lines);
	if (adoption->lines.length == 0)
		return 0;
	ret = journal_file_open(session->host, journal, &fd, err);
	if (ret < 0)
		return ret;
	return journal_file_append(fd, adoption->lines.data, adoption->lines.length, err);
}

/* Claims under the short lock, if it can be had: a guest that runs has its devices in any case. */
static int adopt(struct adoption *adoption, struct error *err)
{
	struct session *session = &adoption->session;
	struct error failure = ERROR_INIT;
	int ret = read_journal(adoption, err);

	if (ret < 0)
		return ret;
	/* The daemon may have gone, or come to the guest's end, while its lock was waited for. */
	if (worker_is_late())
		return error_set(err, ECANCELED, "nobody waits for it any more");
	if (session_lock_claims(session, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING, "%s: going on without", failure.text);
	add_claims(adoption);
	ret = adoption->exists ? continue_journal(adoption, err) : create_journal(adoption, err);
	session_unlock_claims(session);
	check_claims(adoption);
	return ret;
}

struct adopt_task {
	const struct hook_call *call;
	struct journal_process caller;
};

static int adopt_guest(void *data, struct error *err)
{
	const struct adopt_task *task = data;
	cleanup(adoption_done) struct adoption adoption = {
		.session = SESSION_INIT, .journal = JOURNAL_INIT, .lines = TEXT_INIT};
	struct guest *guest = &adoption.guest;
	int ret = domain_parse(task->call->xml, task->call->xml_length, guest, err);

	if (ret == 0 && !*guest->uuid)
		ret = error_set(err, EBADMSG, "the domain XML has no <uuid>");
	if (ret == 0)
		ret = session_open_within(&adoption.session, task->call->host, guest->name,
					  guest->uuid, guest->hostdev_count > 0,
					  ADOPT_LOCK_TIMEOUT_MS, err);
	/* Neither host devices nor a directory for journals. */
	if (ret == -ENOENT)
		return 0;
	adoption.session.caller = task->caller;
	return ret == 0 ? adopt(&adoption, err) : ret;
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

void adopt_run(const struct hook_call *call)
{
	struct adopt_task task = {.call = call, .caller = find_caller(call)};
	struct worker worker = {.work = adopt_guest, .data = &task, .timeout_ms = ADOPT_TIMEOUT_MS};
	struct log_fields fields = {.guest = call->guest, .duration_ms = -1};
	auto_free char *name = text_escape(call->guest), *line = NULL;
	auto_guest struct guest guest = {0};

	workers_run(&worker, 1);
	if (worker.result < 0) {
		line = xasprintf("%s: it runs, but its devices could not be claimed for it: %s",
				 name, worker.error.text);
		log_write(LOG_LEVEL_WARNING, &fields, line);
	}
	if (domain_parse(call->xml, call->xml_length, &guest, NULL) == 0 && guest.hostdev_count > 0)
		heal_debts(call->host, guest.uuid);
}
