// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where journals lie and how they are found again: by UUID, by guest, and all together as claims.
 */
#include "state/journals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"
#include "model/device.h"
#include "state/lock.h"

#define JOURNAL_MAX (4u * 1024 * 1024)

int journal_read(const struct host *host, const char *uuid, struct journal *ret, struct error *err)
{
	auto_journal struct journal journal = {0};
	struct error failure = ERROR_INIT;
	auto_free char *data = NULL;
	size_t length = 0;
	int result;

	result = host_read_file(host, HOST_RUN, JOURNAL_MAX, &data, &length, &failure,
				STATE_DIR "/%s" JOURNAL_SUFFIX, uuid);
	if (result == 0) {
		result = journal_parse(data, length, &journal, &failure);
		if (result < 0)
			error_wrap(&failure, "/run/" STATE_DIR "/%s" JOURNAL_SUFFIX, uuid);
	}
	if (result == 0 && strcmp(journal.uuid, uuid) != 0)
		result = error_set(&failure, EBADMSG,
				   "/run/" STATE_DIR "/%s" JOURNAL_SUFFIX
				   " is the journal of another guest, %s",
				   uuid, journal.uuid);
	if (result != 0)
		return error_pass(err, &failure);
	*ret = journal;
	memset(&journal, 0, sizeof(journal));
	return 0;
}

bool journals_uuid_of(const char *name, const char *suffix, char uuid[UUID_TEXT_SIZE])
{
	if (strlen(name) != UUID_TEXT_SIZE - 1 + strlen(suffix) ||
	    strcmp(name + UUID_TEXT_SIZE - 1, suffix) != 0)
		return false;
	memcpy(uuid, name, UUID_TEXT_SIZE - 1);
	uuid[UUID_TEXT_SIZE - 1] = '\0';
	return guest_uuid_valid(uuid);
}

static void add_claims(const struct journal *journal, struct snapshot *snapshot)
{
	for (size_t i = 0; i < journal->claim_count; i++) {
		struct claim claim = {.addr = journal->claims[i]};

		if (!journal_holds(journal, &claim.addr))
			continue;
		claim.guest = xstrdup(journal->guest);
		claim.over = journal->returning;
		claim.by_hand = journal->by_hand;
		memcpy(claim.uuid, journal->uuid, sizeof(claim.uuid));
		array_push(snapshot->claims, snapshot->claim_count, claim);
	}
}

static char **add_name(char **names, const char *name)
{
	size_t count = 0;

	for (; names && names[count]; count++)
		if (module_name_equal(names[count], name))
			return names;
	array_push(names, count, xstrdup(name));
	array_push(names, count, NULL);
	return names;
}

/* The host's drivers that its devices had. */
static char **home_drivers(const struct journal *journal)
{
	char **names = NULL;

	for (size_t i = 0; i < journal->step_count; i++) {
		struct driver_value value;

		if (journal->steps[i].kind == STEP_DRIVER &&
		    driver_value_parse(journal->steps[i].before, &value) && *value.driver &&
		    !device_driver_is_vfio(value.driver))
			names = add_name(names, value.driver);
	}
	return names;
}

/*
 * The display manager's step is known by the card it waits for; what goes with it stands before it,
 * and other units behind.
 */
static bool is_display(const struct journal *journal, size_t index)
{
	for (size_t i = index; i < journal->step_count; i++) {
		struct unit_value value;

		if (journal->steps[i].kind == STEP_UNIT &&
		    unit_value_parse(journal->steps[i].before, &value) && *value.drm)
			return journal->steps[index].kind == STEP_UNIT;
	}
	return false;
}

static bool is_held(const struct journal *journal, size_t index)
{
	return step_kind_is_shared(journal->steps[index].kind) &&
	       journal_mark_is_unsettled(journal->marks[index]);
}

static void add_held(const struct journal *journal, struct snapshot *snapshot)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i];

		if (!is_held(journal, i))
			continue;
		array_push(snapshot->shared_cells, snapshot->shared_cell_count,
			   (struct shared_cell){
				   .step = {.kind = step->kind,
					    .target = xstrdup(step->target),
					    .before = xstrdup(step->before),
					    .after = xstrdup(step->after),
					    .why = xstrdup(step->why)},
				   .guest = xstrdup(journal->guest),
				   .drivers = home_drivers(journal),
				   .display = is_display(journal, i),
			   });
	}
}

/*
 * Calls each for every journal until it returns non-zero; a missing directory holds none. A journal
 * that cannot be understood is an error, or passed over where skip_bad.
 */
static int for_each_journal(const struct host *host, bool skip_bad,
			    int (*each)(void *data, const struct journal *journal), void *data,
			    struct error *err)
{
	cleanup(host_free_names) char **uuids = NULL;
	int ret = journals_list(host, JOURNAL_SUFFIX, &uuids, err);

	for (size_t i = 0; ret == 0 && uuids[i]; i++) {
		auto_journal struct journal journal = {0};

		ret = journal_read(host, uuids[i], &journal, err);
		/* It may have been removed since the directory was read. */
		if (ret == -ENOENT || (skip_bad && ret == -EBADMSG))
			ret = 0;
		else if (ret == 0)
			ret = each(data, &journal);
	}
	return ret;
}

/* Whose journals count for a guest: those of others, in this boot. */
struct other_journals {
	const char *uuid;
	char boot_id[HOST_BOOT_ID_SIZE];
};

/* A journal of an earlier boot speaks of a machine that is gone. */
static bool is_of_other(const struct other_journals *others, const struct journal *journal)
{
	return strcmp(journal->uuid, others->uuid) != 0 &&
	       strcmp(journal->boot_id, others->boot_id) == 0;
}

struct claim_reader {
	struct other_journals others;
	struct snapshot *snapshot;
};

static int read_claim(void *data, const struct journal *journal)
{
	struct claim_reader *reader = data;

	if (is_of_other(&reader->others, journal)) {
		add_claims(journal, reader->snapshot);
		add_held(journal, reader->snapshot);
	}
	return 0;
}

bool journals_is_lent(const struct host *host, const char *uuid)
{
	char boot_id[HOST_BOOT_ID_SIZE] = "";
	auto_journal struct journal journal = JOURNAL_INIT;

	return *uuid && host_boot_id(host, boot_id, NULL) == 0 &&
	       journal_read(host, uuid, &journal, NULL) == 0 && journal.lent &&
	       !journal.returning && strcmp(journal.boot_id, boot_id) == 0;
}

int journals_read_claims(const struct host *host, const char *uuid, struct snapshot *snapshot,
			 struct error *err)
{
	struct claim_reader reader = {.others = {.uuid = uuid}, .snapshot = snapshot};
	int ret = host_boot_id(host, reader.others.boot_id, err);

	if (ret < 0)
		return ret;
	snapshot_forget_journals(snapshot);
	return for_each_journal(host, false, read_claim, &reader, err);
}

struct need_finder {
	const struct lock *lock;
	struct other_journals others;
	const struct step *step;
	char *guest;
};

/* Has somebody its guest's lock, or is one of its workers in the kernel? */
static bool is_at_work(const struct lock *lock, const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->marks[i] == MARK_IN_FLIGHT)
			return true;
	return lock_is_taken(lock, lock_range_of(journal->uuid));
}

static int find_need(void *data, const struct journal *journal)
{
	struct need_finder *finder = data;
	const struct step *wanted = finder->step;

	if (!is_of_other(&finder->others, journal))
		return 0;
	/* A run that is over needs nothing any more, unless somebody is putting things back. */
	if (journal->returning && !is_at_work(finder->lock, journal))
		return 0;
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i];

		if (!is_held(journal, i) || step->kind != wanted->kind ||
		    strcmp(step->target, wanted->target) != 0 ||
		    !step_value_equal(step->kind, step->after, wanted->after))
			continue;
		finder->guest = xstrdup(journal->guest);
		return 1;
	}
	return 0;
}

int journals_find_need(const struct host *host, const struct lock *lock, const char *uuid,
		       const struct step *step, char **ret_guest, struct error *err)
{
	struct need_finder finder = {.lock = lock, .others = {.uuid = uuid}, .step = step};
	int ret = host_boot_id(host, finder.others.boot_id, err);

	if (ret == 0)
		ret = for_each_journal(host, true, find_need, &finder, err);
	if (ret < 0)
		return ret;
	*ret_guest = finder.guest;
	return 0;
}

struct guest_finder {
	const char *name;
	char boot_id[HOST_BOOT_ID_SIZE];
	char uuid[UUID_TEXT_SIZE];
	int rank; /* of what was found so far; 0: nothing */
};

/* One name may have several: that of the guest that runs, and of those that had it before. */
static int rank_of(const struct guest_finder *finder, const struct journal *journal)
{
	/* What was lent by hand in somebody's name is no part of a run. */
	if (strcmp(journal->guest, finder->name) != 0 || journal_stays_by_hand(journal))
		return 0;
	if (strcmp(journal->boot_id, finder->boot_id) != 0)
		return 1;
	return journal->lent && !journal->returning ? 3 : 2;
}

static int find_guest(void *data, const struct journal *journal)
{
	struct guest_finder *finder = data;
	int rank = rank_of(finder, journal);

	if (rank <= finder->rank)
		return 0;
	finder->rank = rank;
	memcpy(finder->uuid, journal->uuid, sizeof(finder->uuid));
	return 0;
}

int journals_find_guest(const struct host *host, const char *name, char ret_uuid[UUID_TEXT_SIZE],
			struct error *err)
{
	struct guest_finder finder = {.name = name};
	int ret = host_boot_id(host, finder.boot_id, err);

	if (ret == 0)
		ret = for_each_journal(host, true, find_guest, &finder, err);
	if (ret < 0)
		return ret;
	if (!finder.rank)
		return error_set(err, ENOENT, "no journal of guest %s", name);
	memcpy(ret_uuid, finder.uuid, UUID_TEXT_SIZE);
	return 0;
}

static bool is_meant(const struct host *host, const char *uuid, const char *word,
		     const char *boot_id)
{
	auto_journal struct journal journal = {0};
	struct pci_addr addr;

	if (strcmp(uuid, word) == 0)
		return true;
	if (journal_read(host, uuid, &journal, NULL) != 0 || !journal.guest)
		return false;
	if (pci_addr_parse_given(word, &addr))
		return strcmp(journal.boot_id, boot_id) == 0 &&
		       journal_has_claim(&journal, &addr) && journal_holds(&journal, &addr);
	return strcmp(journal.guest, word) == 0;
}

int journals_find_meant(const struct host *host, const char *word, char ***ret, struct error *err)
{
	char **uuids = NULL;
	char boot_id[HOST_BOOT_ID_SIZE];
	size_t count = 0;
	int result = host_boot_id(host, boot_id, err);

	if (result == 0)
		result = journals_list(host, JOURNAL_SUFFIX, &uuids, err);
	if (result != 0 || !uuids)
		return result;
	for (size_t i = 0; uuids[i]; i++) {
		char *uuid = uuids[i];

		uuids[i] = NULL;
		if (is_meant(host, uuid, word, boot_id))
			uuids[count++] = uuid;
		else
			free(uuid);
	}
	*ret = uuids;
	return 0;
}

int journals_list(const struct host *host, const char *suffix, char ***ret, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	char **uuids = NULL;
	size_t count = 0;
	int result = host_list(host, HOST_RUN, &names, NULL, err, STATE_DIR);

	for (size_t i = 0; result == 0 && names[i]; i++) {
		char uuid[UUID_TEXT_SIZE];

		if (!journals_uuid_of(names[i], suffix, uuid))
			continue;
		array_push(uuids, count, xstrdup(uuid));
	}
	if (result < 0 && result != -ENOENT)
		return result;
	array_push(uuids, count, NULL);
	*ret = uuids;
	return 0;
}
