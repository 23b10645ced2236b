// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in the record of a guest's last hand-overs, it is refused with the line that
 * shows why, or what is understood of it is written so that it reads as the same again.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/handover.h"

static void check_one(const struct handover *handover)
{
	check(handover->result < HANDOVER_RESULTS && handover->at >= 0);
	check(handover->result != HANDOVER_NONE || (!handover->message && !handover->step_count));
	for (size_t i = 0; i < handover->step_count; i++) {
		const struct handover_step *step = &handover->steps[i];

		check(step->deed < DEEDS && step->kind < STEP_KINDS);
		check(*step->target && !strpbrk(step->target, " \n"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_handovers struct handovers handovers = {0}, twin = {0};
	auto_text struct text text = TEXT_INIT, again = TEXT_INIT;
	struct error err = ERROR_INIT;
	int ret = handovers_parse((const char *)data, size, &handovers, &err);

	if (ret < 0) {
		check(ret == -EBADMSG && strstr(err.text, "line ") && !handovers.guest);
		return 0;
	}
	check(guest_uuid_valid(handovers.uuid));
	for (int i = 0; i < HANDOVER_OPERATIONS; i++)
		check_one(&handovers.last[i]);
	handovers_format(&handovers, &text);
	check(handovers_parse(text.data, text.length, &twin, NULL) == 0);
	handovers_format(&twin, &again);
	check(strcmp(text.data, again.data) == 0);
	return 0;
}
