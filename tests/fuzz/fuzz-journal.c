// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a journal's file, it is refused with the line that shows why, or what is
 * understood of it is written so that it is read as the same journal.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"
#include "model/journal.h"

static void check_steps(const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i];

		check(*step->target && *step->before && *step->after);
		check(!strpbrk(step->target, " \n") && !strpbrk(step->after, " \n"));
		check(journal->marks[i] < MARKS);
		check(journal->marks[i] != MARK_IN_FLIGHT || journal->workers[i].pid > 0);
		step_state(journal->steps, i, step->after);
		step_state(journal->steps, i, "none,override=vfio-pci");
	}
}

static bool same_process(const struct journal_process *a, const struct journal_process *b)
{
	return a->pid == b->pid && a->start_time == b->start_time;
}

/* What does not stand in a step's line. */
static void check_twin(const struct journal *journal, const struct journal *twin)
{
	check(memcmp(&journal->limits, &twin->limits, sizeof(twin->limits)) == 0);
	check(same_process(&journal->caller, &twin->caller));
	check(journal->lent == twin->lent && journal->returning == twin->returning);
	check(journal->lent_at >= 0 && journal->lent_at == twin->lent_at);
	check(journal->by_hand == twin->by_hand);
	check(journal->plug_count == twin->plug_count && journal->plugging == twin->plugging);
	check(journal->owned_count == twin->owned_count);
	check(journal->plug_from == twin->plug_from && journal->plug_first == twin->plug_first);
	check(journal->step_count == twin->step_count);
	for (size_t i = 0; i < twin->step_count; i++) {
		check(journal->marks[i] == twin->marks[i]);
		check(twin->marks[i] != MARK_IN_FLIGHT ||
		      same_process(&journal->workers[i], &twin->workers[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_journal struct journal journal = JOURNAL_INIT, twin = JOURNAL_INIT;
	auto_text struct text text = TEXT_INIT, again = TEXT_INIT;
	struct error err = ERROR_INIT;
	int ret = journal_parse((const char *)data, size, &journal, &err);

	if (ret < 0) {
		check(ret == -EBADMSG && err.code == EBADMSG);
		check(strstr(err.text, "line ") != NULL);
		return 0;
	}
	check(guest_uuid_valid(journal.uuid) && guest_uuid_valid(journal.boot_id));
	check_steps(&journal);
	journal_is_settled(&journal);
	journal_format(&journal, &text);
	check(journal_parse(text.data, text.length, &twin, NULL) == 0);
	check_twin(&journal, &twin);
	journal_format(&twin, &again);
	check(text_equal(text.data, again.data));
	return 0;
}
