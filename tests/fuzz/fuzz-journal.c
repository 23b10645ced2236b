// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a journal's file is a journal that would be written the same way, or is
 * refused with the line that shows it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"
#include "model/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_steps(const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i];

		check(*step->target && *step->before && *step->after);
		check(!strpbrk(step->target, " \n") && !strpbrk(step->after, " \n"));
		check(journal->marks[i] < MARKS);
		step_state(journal->steps, i, step->after);
		step_state(journal->steps, i, "none,override=vfio-pci");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_journal struct journal journal = {0}, twin = {0};
	auto_text struct text text = TEXT_INIT, again = TEXT_INIT;
	struct error err = ERROR_INIT;
	int ret = journal_parse((const char *)data, size, &journal, &err);

	if (ret < 0) {
		check(ret == -EBADMSG && err.code == EBADMSG);
		check(strstr(err.text, "line ") != NULL);
		return 0;
	}
	check(uuid_valid(journal.uuid) && uuid_valid(journal.boot_id));
	check_steps(&journal);
	journal_is_settled(&journal);
	journal_format(&journal, &text);
	check(journal_parse(text.data, text.length, &twin, NULL) == 0);
	journal_format(&twin, &again);
	check(text_equal(text.data, again.data));
	return 0;
}
