// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a journal says of its run: which devices the guest has, what is settled, and what a next run
 * takes over from one that is over. Tests: unit/test-journal.c, unit/test-journal-hand.c.
 */
#include <string.h>

#include "model/journal.h"

bool journal_step_is_of(const struct step *step, const struct pci_addr *addr)
{
	return (step->kind == STEP_DRIVER || step->kind == STEP_POWER) &&
	       strcmp(step->target, ADDR(addr)) == 0;
}

bool journal_has_claim(const struct journal *journal, const struct pci_addr *addr)
{
	return pci_addr_is_among(addr, journal->claims, journal->claim_count);
}

bool journal_is_detached(const struct journal *journal, const struct pci_addr *addr)
{
	return pci_addr_is_among(addr, journal->detached, journal->detached_count);
}

bool journal_holds(const struct journal *journal, const struct pci_addr *addr)
{
	if (!journal->returning && !journal_is_detached(journal, addr))
		return true;
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal_mark_is_unsettled(journal->marks[i]) &&
		    journal_step_is_of(&journal->steps[i], addr))
			return true;
	return false;
}

void journal_undo_again(struct journal *journal, const struct pci_addr *addr)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->marks[i] == MARK_UNDONE &&
		    journal_step_is_of(&journal->steps[i], addr))
			journal->marks[i] = MARK_DONE;
}

static void keep_held_claims(struct journal *journal)
{
	size_t kept = 0;

	for (size_t i = 0; i < journal->claim_count; i++)
		if (journal_holds(journal, &journal->claims[i]))
			journal->claims[kept++] = journal->claims[i];
	journal->claim_count = kept;
}

static void keep_unsettled_steps(struct journal *journal)
{
	size_t kept = 0;

	for (size_t i = 0; i < journal->step_count; i++) {
		struct step step = journal->steps[i];
		enum journal_mark mark = journal->marks[i];

		if (!journal_mark_is_unsettled(mark)) {
			step_done(&step);
			continue;
		}
		journal->steps[kept] = step;
		journal->marks[kept] = mark == MARK_IN_FLIGHT ? MARK_BEGUN : mark;
		journal->workers[kept++] = (struct journal_process){0};
	}
	journal->step_count = kept;
}

bool journal_is_plugged(const struct journal *journal, const struct pci_addr *addr)
{
	return pci_addr_is_among(addr, journal->plugs, journal->plug_count) &&
	       !journal_is_detached(journal, addr);
}

void journal_begin_plug(struct journal *journal)
{
	journal->plug_from = journal->step_count + 1;
	journal->plug_first = journal->plug_count;
	journal->plugging = true;
}

/* Of the addresses those that are claimed. */
static void keep_claimed(const struct journal *journal, struct pci_addr *addrs, size_t *count)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (journal_has_claim(journal, &addrs[i]))
			addrs[kept++] = addrs[i];
	*count = kept;
}

static void keep_claimed_devices(struct journal *journal)
{
	struct pins *devices = &journal->devices;
	size_t kept = 0;

	for (size_t i = 0; i < devices->count; i++)
		if (journal_has_claim(journal, &devices->items[i].addr))
			devices->items[kept++] = devices->items[i];
	devices->count = kept;
}

static void forget_plug(struct journal *journal)
{
	journal->plug_from = journal->plug_first = 0;
	journal->plugging = false;
}

void journal_keep_running(struct journal *journal)
{
	keep_held_claims(journal);
	keep_claimed(journal, journal->detached, &journal->detached_count);
	keep_claimed(journal, journal->plugs, &journal->plug_count);
	keep_claimed_devices(journal);
	keep_unsettled_steps(journal);
	forget_plug(journal);
}

void journal_keep_rest(struct journal *journal)
{
	keep_held_claims(journal);
	journal->detached_count = journal->plug_count = journal->owned_count = 0;
	forget_plug(journal);
	keep_unsettled_steps(journal);
	journal->lent = journal->returning = journal->by_hand = false;
	journal->lent_at = 0;
}

bool journal_stays_by_hand(const struct journal *journal)
{
	return journal->by_hand && journal->lent && !journal->returning;
}

bool journal_mark_is_unsettled(enum journal_mark mark)
{
	return mark == MARK_BEGUN || mark == MARK_DONE || mark == MARK_IN_FLIGHT;
}

bool journal_is_settled(const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal_mark_is_unsettled(journal->marks[i]))
			return false;
	return true;
}
