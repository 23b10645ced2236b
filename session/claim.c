// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "start": the first time that the XML names the VF libvirt has taken from a network's pool. Such a
 * device is only claimed, so that no other guest is lent it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "parsers/domain/domain.h"
#include "parsers/pci/label.h"
#include "session/heal.h"
#include "session/session.h"
#include "state/journal-file.h"
#include "state/journals.h"

static void add_claims(struct journal *journal, const struct guest *guest, struct text *lines)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct pci_addr *addr = &guest->hostdevs[i].addr;

		if (journal_has_claim(journal, addr))
			continue;
		array_push(journal->claims, journal->claim_count, *addr);
		text_printf(lines, "claim %s\n", ADDR(addr));
	}
}

static int refuse_claimed(const struct session *session, const struct claim *claim,
			  struct error *err)
{
	auto_free char *owner = text_escape(claim->guest);
	auto_free char *word = recover_word(claim->guest, claim->uuid);
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
static int check_claims(const struct session *session, const struct guest *guest, struct error *err)
{
	auto_snapshot struct snapshot snapshot = {0};
	int ret = journals_read_claims(session->host, guest->uuid, &snapshot, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct pci_addr *addr = &guest->hostdevs[i].addr;
		const struct claim *claim = snapshot_claim(&snapshot, addr, guest->uuid);

		if (claim)
			return refuse_claimed(session, claim, err);
	}
	return 0;
}

static int write_claims(const struct session *session, struct journal *journal, bool exists,
			const struct text *lines, struct error *err)
{
	auto_close int fd = -1;
	int ret;

	if (!exists)
		return journal_file_create(session->host, journal, &fd, err);
	ret = journal_file_open(session->host, journal, &fd, err);
	return ret < 0 ? ret : journal_file_append(fd, lines->data, lines->length, err);
}

static int refuse_in_flight(const struct session *session, const struct journal *journal,
			    const struct step *step, struct error *err)
{
	auto_free char *guest = recover_word(journal->guest, journal->uuid);
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
static int begin_anew(struct journal *journal, const struct session *session, bool *exists,
		      struct error *err)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->marks[i] == MARK_IN_FLIGHT)
			return refuse_in_flight(session, journal, &journal->steps[i], err);
	journal_keep_rest(journal);
	journal->caller = session->caller;
	journal->lent = true;
	journal->lent_at = time(NULL);
	*exists = false;
	return 0;
}

static int claim_devices(struct session *session, const struct guest *guest, struct error *err)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	auto_text struct text lines = TEXT_INIT;
	int ret = journal_read(session->host, session->uuid, &journal, err);
	bool exists = ret == 0;

	if (ret < 0 && ret != -ENOENT)
		return ret;
	if (!exists) {
		journal.guest = xstrdup(guest->name);
		memcpy(journal.boot_id, session->boot_id, sizeof(journal.boot_id));
		memcpy(journal.uuid, guest->uuid, sizeof(journal.uuid));
		journal.caller = session->caller;
		journal.lent = true;
		journal.lent_at = time(NULL);
	}
	if (exists && journal.returning) {
		ret = begin_anew(&journal, session, &exists, err);
		if (ret < 0)
			return ret;
	}
	add_claims(&journal, guest, &lines);
	if (lines.length == 0 && exists)
		return 0;
	ret = check_claims(session, guest, err);
	return ret < 0 ? ret : write_claims(session, &journal, exists, &lines, err);
}

int claim_run(const struct hook_call *call, struct text *message)
{
	auto_session struct session session = SESSION_INIT;
	auto_guest struct guest guest = {0};
	struct error failure = ERROR_INIT;
	int ret = domain_parse(call->xml, call->xml_length, &guest, &failure);

	if (ret == 0 && guest.hostdev_count == 0)
		return 0;
	if (ret == 0 && !*guest.uuid)
		ret = error_set(&failure, EBADMSG, "the domain XML has no <uuid>");
	if (ret == 0)
		ret = session_open(&session, call->host, guest.name, guest.uuid, true, &failure);
	if (ret == 0)
		ret = session_lock_claims(&session, &failure);
	if (ret == 0)
		ret = claim_devices(&session, &guest, &failure);
	if (ret < 0)
		text_printf(message, "%s. What was lent for this start is returned.", failure.text);
	session_done(&session);
	/*
	 * Not before the claim, and not after a claim that was refused: by now libvirt has bound
	 * the device to VFIO, and libvirt will use the device or bring it home itself.
	 */
	if (ret == 0)
		heal_others(call->host, guest.uuid);
	return ret;
}
