// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journal's text as it is written. Tests: unit/test-journal.c, unit/test-journal-hand.c.
 */
#include <inttypes.h>

#include "base/cleanup.h"
#include "model/journal.h"

static const char *const mark_names[MARKS] = {
	[MARK_PLANNED] = NULL,
	[MARK_BEGUN] = "begun",
	[MARK_DONE] = "done",
	[MARK_SKIPPED] = "skipped",
	[MARK_UNDONE] = "undone",
	/* Has more words than these, and a reader of its own. */
	[MARK_IN_FLIGHT] = "in-flight",
};

const char *journal_mark_name(enum journal_mark mark)
{
	return mark_names[mark];
}

void journal_format_mark(enum journal_mark mark, size_t index, struct text *out)
{
	text_printf(out, "%s %zu\n", mark_names[mark], index + 1);
}

static void format_process(const char *word, const struct journal_process *process,
			   struct text *out)
{
	text_printf(out, "%s %d %" PRIu64 "\n", word, process->pid, process->start_time);
}

void journal_format_in_flight(size_t index, const struct journal_process *worker, struct text *out)
{
	text_printf(out, "%s %zu", mark_names[MARK_IN_FLIGHT], index + 1);
	format_process("", worker, out);
}

void journal_format_caller(const struct journal_process *caller, struct text *out)
{
	format_process("caller", caller, out);
}

void journal_format_detached(const struct pci_addr *addr, struct text *out)
{
	text_printf(out, "detached %s\n", ADDR(addr));
}

void journal_format_lent(int64_t at, struct text *out)
{
	text_printf(out, JOURNAL_LENT);
	if (at > 0)
		text_printf(out, " +at=%" PRId64, at);
	text_append(out, "\n", 1);
}

void journal_format_owned(const struct owned_node *node, struct text *out)
{
	char before[OWNER_TEXT_SIZE], after[OWNER_TEXT_SIZE];

	owner_format(&node->before, before);
	owner_format(&node->after, after);
	text_printf(out, "owner %s %s %s\n", node->name, before, after);
}

static void format_plugs(const struct journal *journal, struct text *out)
{
	for (size_t i = 0; i <= journal->plug_count; i++) {
		if (journal->plug_from && i == journal->plug_first)
			text_printf(out, "plug-from %zu\n", journal->plug_from);
		if (i < journal->plug_count)
			text_printf(out, "plug %s\n", ADDR(&journal->plugs[i]));
	}
}

static void format_marks(const struct journal *journal, struct text *out)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->marks[i] == MARK_IN_FLIGHT)
			journal_format_in_flight(i, &journal->workers[i], out);
		else if (journal->marks[i] != MARK_PLANNED)
			journal_format_mark(journal->marks[i], i, out);
	}
}

void journal_format(const struct journal *journal, struct text *out)
{
	auto_free char *guest = text_escape(journal->guest);

	text_printf(out, JOURNAL_FIRST_LINE "\nboot %s\nguest %s\nuuid %s\n", journal->boot_id,
		    guest, journal->uuid);
	text_printf(out, "limits ");
	limits_format(&journal->limits, out);
	text_printf(out, "\n");
	if (journal->caller.pid)
		journal_format_caller(&journal->caller, out);
	if (journal->by_hand)
		text_printf(out, "by-hand\n");
	for (size_t i = 0; i < journal->claim_count; i++)
		text_printf(out, "claim %s\n", ADDR(&journal->claims[i]));
	for (size_t i = 0; i < journal->devices.count; i++) {
		text_printf(out, "device ");
		pin_write(&journal->devices.items[i], out);
		text_append(out, "\n", 1);
	}
	for (size_t i = 0; i < journal->step_count; i++) {
		text_printf(out, "step ");
		step_format(&journal->steps[i], out);
		text_append(out, "\n", 1);
	}
	for (size_t i = 0; i < journal->detached_count; i++)
		journal_format_detached(&journal->detached[i], out);
	format_plugs(journal, out);
	for (size_t i = 0; i < journal->owned_count; i++)
		journal_format_owned(&journal->owned[i], out);
	format_marks(journal, out);
	if (journal->plug_from && !journal->plugging)
		text_printf(out, JOURNAL_PLUG_DONE);
	if (journal->lent)
		journal_format_lent(journal->lent_at, out);
	if (journal->returning)
		text_printf(out, JOURNAL_RETURNING);
}
