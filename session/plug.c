// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * More devices for a guest that runs: one journal holds what its start was lent and what comes
 * later, and what comes later may fail without ending the run. Tests: hook/test-hand-plug.c.
 */
#include "session/plug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/libvirt/qemu.h"
#include "parsers/pci/label.h"
#include "session/session-undo.h"
#include "session/unplug.h"
#include "state/journal-file.h"
#include "state/journals.h"

static bool is_run(const struct host *host, const char *uuid, struct guest *ret)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	char boot_id[HOST_BOOT_ID_SIZE];

	if (journal_read(host, uuid, &journal, NULL) < 0 || !journal.lent || journal.returning ||
	    journal.by_hand || host_boot_id(host, boot_id, NULL) < 0 ||
	    strcmp(journal.boot_id, boot_id) != 0)
		return false;
	memcpy(ret->uuid, uuid, sizeof(ret->uuid));
	ret->name = xstrdup(journal.guest);
	return true;
}

/* uuid NULL: any. */
static bool is_status(const struct host *host, const char *name, const char *uuid,
		      struct guest *ret)
{
	auto_guest struct guest live = {0};

	if (!unplug_read_live(host, name, uuid, &live))
		return false;
	memcpy(ret->uuid, live.uuid, sizeof(ret->uuid));
	ret->name = xstrdup(name);
	return true;
}

#define STATUS_SUFFIX ".xml"

/* Without a device it has no journal, and libvirt's statuses go by names. */
static bool find_status(const struct host *host, const char *word, struct guest *ret)
{
	cleanup(host_free_names) char **names = NULL;

	if (is_status(host, word, NULL, ret))
		return true;
	if (!guest_uuid_valid(word) ||
	    host_list(host, HOST_RUN, &names, NULL, NULL, "libvirt/qemu") < 0)
		return false;
	for (size_t i = 0; names[i]; i++) {
		if (!text_ends(names[i], STATUS_SUFFIX))
			continue;
		names[i][strlen(names[i]) - strlen(STATUS_SUFFIX)] = '\0';
		if (is_status(host, names[i], word, ret))
			return true;
	}
	return false;
}

bool plug_find(const struct host *host, const char *word, struct guest *ret)
{
	cleanup(host_free_names) char **uuids = NULL;

	if (journals_find_meant(host, word, &uuids, NULL) == 0)
		for (size_t i = 0; uuids[i]; i++)
			if (is_run(host, uuids[i], ret))
				return true;
	return find_status(host, word, ret);
}

static void add_has(struct guest *guest, const struct pci_addr *addr)
{
	if (!guest_has(guest, addr))
		array_push(guest->has, guest->has_count, *addr);
}

/* As it runs now: its policy and its disks, and the wanted devices in the place of its own. */
void plug_look(const struct host *host, const struct guest *wanted, const struct journal *journal,
	       struct guest *ret)
{
	if (!unplug_read_live(host, wanted->name, wanted->uuid, ret))
		memcpy(ret->uuid, wanted->uuid, sizeof(ret->uuid));
	free(ret->name);
	ret->name = xstrdup(wanted->name);
	ret->by_hand = ret->runs = true;
	for (size_t i = 0; i < journal->claim_count; i++)
		if (!journal_is_detached(journal, &journal->claims[i]))
			add_has(ret, &journal->claims[i]);
	for (size_t i = 0; i < ret->hostdev_count; i++) {
		add_has(ret, &ret->hostdevs[i].addr);
		free(ret->hostdevs[i].driver_name);
		free(ret->hostdevs[i].driver_model);
	}
	free(ret->hostdevs);
	ret->hostdevs = NULL;
	ret->hostdev_count = 0;
	for (size_t i = 0; i < wanted->hostdev_count; i++)
		array_push(ret->hostdevs, ret->hostdev_count, wanted->hostdevs[i]);
}

static int check_life(const struct session *session, struct text *message)
{
	struct error failure = ERROR_INIT;
	struct qemu qemu = {0};
	int ret = qemu_find(session->host, session->uuid, &qemu, &failure);

	if (ret == 0 && qemu.life == QEMU_ALIVE)
		return 0;
	if (ret == 0 && qemu.life == QEMU_GONE)
		text_printf(message,
			    "the guest %s does not run, though it has been started or is "
			    "not returned yet. Nothing was changed: try again when it "
			    "runs, or when it has stopped.",
			    session->guest);
	else
		text_printf(message,
			    "whether the guest runs is not known: %s. Nothing was "
			    "changed.",
			    ret < 0 ? failure.text : qemu.why);
	return ret < 0 ? ret : -EBUSY;
}

static int tell_unread(const struct error *failure, struct text *message)
{
	text_printf(message, "%s. Nothing else was changed.", failure->text);
	return -failure->code;
}

/* *ret stays empty where there is none. */
static int read_journal(struct session *session, struct journal *ret, struct text *message)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	int result = journal_read(session->host, session->uuid, &journal, &failure);

	if (result == 0 && session_has_plug_debt(&journal)) {
		/* Whatever its code is, what the run has stands in the journal still. */
		if (session_undo_plug(session, &journal, &failure) < 0)
			return tell_unread(&failure, message);
		journal_done(&journal);
		result = journal_read(session->host, session->uuid, &journal, &failure);
	}
	if (result == -ENOENT || (result == 0 && strcmp(journal.boot_id, session->boot_id) != 0))
		return 0;
	if (result == 0 && (!journal.lent || journal.returning))
		result = error_set(&failure, EBUSY,
				   "the guest %s runs, but its start or its return is not at its "
				   "end: try again",
				   session->guest);
	for (size_t i = 0; result == 0 && i < journal.step_count; i++)
		if (journal.marks[i] == MARK_IN_FLIGHT)
			result =
				error_set(&failure, EBUSY,
					  "the kernel is still at work on a device of the guest %s",
					  session->guest);
	if (result < 0)
		return tell_unread(&failure, message);
	*ret = journal;
	memset(&journal, 0, sizeof(journal));
	return 0;
}

int plug_prepare(struct session *session, const struct guest *wanted, struct guest *ret_guest,
		 struct journal *ret_rest, struct text *message)
{
	auto_journal struct journal journal = {0};
	auto_guest struct guest guest = {0};
	int ret = check_life(session, message);

	if (ret == 0)
		ret = read_journal(session, &journal, message);
	if (ret < 0)
		return ret;
	plug_look(session->host, wanted, &journal, &guest);
	journal_keep_running(&journal);
	for (size_t i = 0; i < wanted->hostdev_count; i++) {
		const struct pci_addr *addr = &wanted->hostdevs[i].addr;

		/* A mate without a driver is claimed, too, and may yet be lent. */
		if (!guest_has(&guest, addr) || !session_is_on_vfio(session->host, addr))
			continue;
		text_printf(message, "the guest %s has %s already. Nothing was changed.",
			    session->guest, label_read(session->host, addr).text);
		return -EEXIST;
	}
	*ret_guest = guest;
	*ret_rest = journal;
	memset(&guest, 0, sizeof(guest));
	memset(&journal, 0, sizeof(journal));
	return 0;
}
