// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Debts of other guests' runs are paid by whoever comes by, so that no return that failed once has
 * to wait for a person. Tests: hook/test-engine-heal.c.
 */
#include "session/heal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/worker.h"
#include "parsers/libvirt/qemu.h"
#include "session/handover.h"
#include "session/plug.h"
#include "session/session-undo.h"
#include "session/session.h"
#include "session/unplug.h"
#include "state/journal-file.h"
#include "state/journals.h"
#include "state/step-lock.h"

/* Somebody who returns the very device is waited for a little, and others not at all. */
#define CLAIM_LOCK_MS 10000
#define CLAIM_TIME_MS 20000
#define OTHERS_TIME_MS 2000

struct heal {
	struct host *host;
	const char *uuid;          /* of the guest that the engine was called for */
	const struct guest *guest; /* whose devices are wanted; NULL: it is not about devices */
	char boot_id[HOST_BOOT_ID_SIZE];
	bool debts_only; /* what running guests have given away is left to others */
	uint64_t end_ms;
};

static bool is_wanted(const struct heal *heal, const struct journal *journal)
{
	for (size_t i = 0; heal->guest && i < heal->guest->hostdev_count; i++) {
		const struct pci_addr *addr = &heal->guest->hostdevs[i].addr;

		for (size_t j = 0; j < journal->claim_count; j++)
			if (pci_addr_equal(addr, &journal->claims[j]) &&
			    journal_holds(journal, addr))
				return true;
	}
	return !heal->guest;
}

static bool is_others(const struct heal *heal, const struct journal *journal)
{
	return strcmp(journal->boot_id, heal->boot_id) == 0 &&
	       strcmp(journal->uuid, heal->uuid) != 0 && is_wanted(heal, journal);
}

/* Its start may yet go on where it is not told to be lent: whoever is at that has the lock. */
static bool is_debt(const struct heal *heal, const struct journal *journal)
{
	return is_others(heal, journal) && (journal->returning || !journal->lent);
}

/* The guest that runs goes on, whatever becomes of what it was to get besides. */
static bool is_half_plugged(const struct heal *heal, const struct journal *journal)
{
	return is_others(heal, journal) && session_has_plug_debt(journal);
}

/* A guest that runs may have given devices away. */
static bool has_detached(const struct heal *heal, const struct journal *journal)
{
	return !heal->debts_only && is_others(heal, journal) && unplug_has_any(heal->host, journal);
}

/* A worker that is in the kernel settles the rest itself when it is back. */
static bool is_in_kernel(const struct heal *heal, const struct journal *journal)
{
	auto_close int fd = -1;

	if (journal_file_open(heal->host, journal, &fd, NULL) < 0)
		return true;
	for (size_t i = 0; i < journal->step_count; i++)
		if (step_lock_is_taken(fd, i))
			return true;
	return false;
}

static bool has_life(const struct heal *heal, const char *uuid, enum qemu_life life)
{
	struct qemu qemu = {0};

	return qemu_find(heal->host, uuid, &qemu, NULL) == 0 && qemu.life == life;
}

/*
 * What cannot go home is carried along by the next run of the same name, as by the next run of the
 * same guest. Only then is the old journal removed: both would only say the same.
 */
static void hand_over(const struct heal *heal, struct journal *rest)
{
	auto_journal struct journal own = JOURNAL_INIT;
	auto_close int fd = -1;

	if (!heal->guest || strcmp(rest->guest, heal->guest->name) != 0 ||
	    journal_read(heal->host, heal->uuid, &own, NULL) == 0)
		return;
	journal_keep_rest(rest);
	/* Whoever reads it now must not take it for a start that is under way. */
	rest->returning = true;
	memcpy(own.uuid, rest->uuid, sizeof(own.uuid));
	memcpy(rest->uuid, heal->uuid, sizeof(rest->uuid));
	if (journal_file_create(heal->host, rest, &fd, NULL) == 0)
		journal_file_remove(heal->host, &own, NULL);
}

static void settle(const struct heal *heal, struct session *session, const struct journal *journal)
{
	auto_journal struct journal rest = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	bool had;

	handover_look(session, journal);
	session_log(session, LOG_LEVEL_NOTICE,
		    "its last run is not returned to the end: trying again");
	if (session_return(session, &had, &rest, &failure) == 0)
		handover_store_returned(session, "everything of its last run is returned");
	else
		handover_store_failed(
			session, session->host_goes_down ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING,
			"of its last run something stays", &failure);
	if (rest.guest && rest.step_count > 0)
		hand_over(heal, &rest);
}

/* Of a guest that runs; its record in /run is of its start, and stays. */
static void tell_kept(const struct session *session, const char *what, const struct error *failure)
{
	auto_text struct text rest = TEXT_INIT;

	session_tell_rest(session, &rest);
	session_log(session, LOG_LEVEL_WARNING, "%s could not be returned: %s.%s", what,
		    failure->text, rest.data);
}

static void return_detached(struct session *session, struct journal *journal)
{
	auto_text struct text list = TEXT_INIT;
	struct error failure = ERROR_INIT;

	if (unplug_return(session, journal, &list, &failure) < 0)
		tell_kept(session, "what was detached from it", &failure);
}

static void undo_plug(struct session *session, struct journal *journal)
{
	struct error failure = ERROR_INIT;

	session_log(session, LOG_LEVEL_NOTICE,
		    "lending more to it by hand was not finished: returning that");
	if (session_undo_plug(session, journal, &failure) < 0)
		tell_kept(session, "what was lent to it by hand, and not to the end,", &failure);
}

/* About most journals there is nothing to do, and no guest's lock is taken to find that. */
static bool is_due(const struct heal *heal, const char *uuid)
{
	auto_journal struct journal journal = JOURNAL_INIT;

	return journal_read(heal->host, uuid, &journal, NULL) == 0 &&
	       (is_debt(heal, &journal) || is_half_plugged(heal, &journal) ||
		has_detached(heal, &journal));
}

static void heal_one(const struct heal *heal, const char *uuid)
{
	auto_free char *guest = NULL;
	auto_session struct session session = SESSION_INIT;
	auto_journal struct journal now = JOURNAL_INIT;
	unsigned int lock_ms = heal->guest ? CLAIM_LOCK_MS : 0;
	bool debt;

	if (session_open_within(&session, heal->host, uuid, uuid, false, lock_ms, NULL) < 0)
		return;
	if (journal_read(heal->host, uuid, &now, NULL) < 0 || is_in_kernel(heal, &now))
		return;
	debt = is_debt(heal, &now);
	if (!has_life(heal, uuid, debt ? QEMU_GONE : QEMU_ALIVE) ||
	    (!debt && host_is_going_down(heal->host)))
		return;
	guest = xstrdup(now.guest);
	session.guest = guest;
	session.until_ms = heal->end_ms;
	if (debt)
		settle(heal, &session, &now);
	else if (is_half_plugged(heal, &now))
		undo_plug(&session, &now);
	else if (has_detached(heal, &now))
		return_detached(&session, &now);
}

/* The UUIDs of the journals about which there is something to do; NULL: there are none. */
static char **find_due(struct heal *heal)
{
	char **uuids = NULL;
	size_t count = 0;

	if (host_boot_id(heal->host, heal->boot_id, NULL) < 0 ||
	    journals_list(heal->host, JOURNAL_SUFFIX, &uuids, NULL) < 0)
		return NULL;
	for (size_t i = 0; uuids[i]; i++) {
		char *uuid = uuids[i];

		uuids[i] = NULL;
		if (host_now_ms() < heal->end_ms && is_due(heal, uuid))
			uuids[count++] = uuid;
		else
			free(uuid);
	}
	if (count > 0)
		return uuids;
	host_free_names(&uuids);
	return NULL;
}

static void heal_all(const struct heal *heal, char **uuids)
{
	for (size_t i = 0; uuids && uuids[i] && host_now_ms() + EXECUTION_LEAST_MS <= heal->end_ms;
	     i++)
		heal_one(heal, uuids[i]);
}

void heal_claims(struct host *host, const struct guest *guest)
{
	struct heal heal = {.host = host,
			    .uuid = guest->uuid,
			    .guest = guest,
			    .end_ms = host_now_ms() + CLAIM_TIME_MS};
	cleanup(host_free_names) char **uuids = find_due(&heal);

	heal_all(&heal, uuids);
}

struct other_guests {
	const struct heal *heal;
	char **uuids;
};

static int heal_behind(void *data, struct error *err)
{
	const struct other_guests *others = data;

	(void)err;
	heal_all(others->heal, others->uuids);
	return 0;
}

/*
 * In a child: libvirt waits for the caller, and the caller for the child no longer than two
 * seconds.
 */
static void heal_in_time(struct host *host, const char *uuid, bool debts_only)
{
	struct heal heal = {.host = host,
			    .uuid = uuid,
			    .debts_only = debts_only,
			    .end_ms = host_now_ms() + OTHERS_TIME_MS};
	cleanup(host_free_names) char **uuids = find_due(&heal);
	struct other_guests others = {.heal = &heal, .uuids = uuids};
	struct worker worker = {.work = heal_behind, .data = &others, .timeout_ms = OTHERS_TIME_MS};

	if (uuids)
		workers_run(&worker, 1);
}

void heal_others(struct host *host, const char *uuid)
{
	heal_in_time(host, uuid, false);
}

void heal_debts(struct host *host, const char *uuid)
{
	heal_in_time(host, uuid, true);
}
