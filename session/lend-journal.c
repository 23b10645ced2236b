// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is written down of a lending: the journal before its first step, with what the guest's run
 * had before; and, once the devices are lent, what they are.
 * Tests: hook/test-engine.c.
 */
#include "session/lend-journal.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/loan-change.h"
#include "state/pins.h"

static void add_step(struct journal *journal, struct step *step, enum journal_mark mark)
{
	size_t count = journal->step_count;

	journal->steps = array_grow(journal->steps, count, sizeof(*journal->steps));
	journal->marks = array_grow(journal->marks, count, sizeof(*journal->marks));
	journal->workers = array_grow(journal->workers, count, sizeof(*journal->workers));
	journal->steps[count] = *step;
	journal->workers[count] = (struct journal_process){0};
	journal->marks[count] = mark;
	journal->step_count++;
	memset(step, 0, sizeof(*step));
}

/* What is not home yet is what it was when it was lent, whatever stands there now. */
static void add_devices(struct journal *journal, const struct journal *rest,
			const struct snapshot *snapshot)
{
	for (size_t i = 0; i < rest->devices.count; i++)
		pins_add(&journal->devices, &rest->devices.items[i]);
	for (size_t i = 0; i < journal->claim_count; i++) {
		const struct device *device = snapshot_device(snapshot, &journal->claims[i]);
		struct pin pin;

		if (!device || pins_find(&journal->devices, &device->addr))
			continue;
		pin_of_device(device, &pin);
		pins_add(&journal->devices, &pin);
	}
}

/* Of a guest that runs: it goes on with what it has, whatever becomes of this lending. */
static void continue_run(struct journal *journal, struct journal *rest, const struct plan *plan)
{
	if (rest->guest) {
		journal->limits = rest->limits;
		journal->caller = rest->caller;
		journal->by_hand = rest->by_hand;
		journal->lent_at = rest->lent_at;
	}
	journal->lent = true;
	journal->detached_count = rest->detached_count;
	journal->detached = steal(&rest->detached);
	journal->plug_count = rest->plug_count;
	journal->plugs = steal(&rest->plugs);
	rest->detached_count = rest->plug_count = 0;
	journal_begin_plug(journal);
	for (size_t i = 0; i < plan->claim_count; i++)
		array_push(journal->plugs, journal->plug_count, plan->claims[i]);
}

struct journal lend_journal(const struct session *session, const struct guest *guest, bool by_hand,
			    const struct situation *situation, struct plan *plan,
			    struct journal *rest)
{
	struct journal journal = session_new_journal(session, guest->name);

	journal.limits = situation->policy.limits;
	journal.by_hand = by_hand && !guest->runs;
	/* A shell's end says nothing about a loan by hand. */
	if (by_hand)
		journal.caller = (struct journal_process){0};
	/* What is home may be another guest's by now. */
	if (!guest->runs)
		journal_keep_rest(rest);
	for (size_t i = 0; i < rest->step_count; i++)
		add_step(&journal, &rest->steps[i], rest->marks[i]);
	if (guest->runs)
		continue_run(&journal, rest, plan);
	for (size_t i = 0; i < plan->step_count; i++)
		add_step(&journal, &plan->steps[i], MARK_PLANNED);
	for (size_t i = 0; i < rest->claim_count; i++)
		plan_add_claim(plan, &rest->claims[i]);
	journal.claim_count = plan->claim_count;
	journal.claims = steal(&plan->claims);
	plan->claim_count = 0;
	add_devices(&journal, rest, &situation->snapshot);
	return journal;
}

/*
 * What stands at an address that this guest was never lent before is what it will be held to.
 * False: all of them have their pins. ret: pins_done.
 */
static bool find_new_pins(const struct snapshot *snapshot, const struct journal *journal,
			  struct pins *ret)
{
	for (size_t i = 0; i < snapshot->pins.count; i++)
		pins_add(ret, &snapshot->pins.items[i]);
	for (size_t i = 0; i < journal->claim_count; i++) {
		const struct device *device = snapshot_device(snapshot, &journal->claims[i]);
		struct pin pin;

		if (!device || pins_find(ret, &device->addr))
			continue;
		pin_of_device(device, &pin);
		pins_add(ret, &pin);
	}
	return ret->count > snapshot->pins.count;
}

/* A new kernel or other mates are remembered; most loans are like the last. ret: loan_done. */
static bool is_new_loan(const struct snapshot *snapshot, const char *name,
			const struct journal *journal, struct loan *ret)
{
	auto_text struct text before = TEXT_INIT, after = TEXT_INIT;

	loan_init(ret, snapshot, journal->claims, journal->claim_count);
	loan_write(&snapshot->loan, name, &before);
	loan_write(ret, name, &after);
	return ret->kernel && !text_equal(before.data, after.data);
}

void lend_remember(const struct session *session, const struct guest *guest,
		   const struct snapshot *snapshot, const struct journal *journal)
{
	cleanup(pins_done) struct pins pins = {0};
	cleanup(loan_done) struct loan loan = {0};
	bool new_pins = find_new_pins(snapshot, journal, &pins);
	/* What it gets while it runs is no part of its next start. */
	bool new_loan = !guest->runs && is_new_loan(snapshot, guest->name, journal, &loan);
	struct error failure = ERROR_INIT;

	if ((new_pins || new_loan) &&
	    pins_store(session->host, guest->uuid, guest->name, new_pins ? &pins : NULL,
		       new_loan ? &loan : NULL, &failure) < 0)
		session_log(session, LOG_LEVEL_WARNING,
			    "what its devices are, or what they share groups with, could not be "
			    "recorded: %s",
			    failure.text);
}
