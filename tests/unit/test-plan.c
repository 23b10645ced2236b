// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan as a container: claims as a sorted set, refusals once each, steps in order.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "model/plan.h"

static void claims_are_a_sorted_set(void **state)
{
	auto_plan struct plan plan = {0};

	(void)state;
	srand(2);
	for (int i = 0; i < 500; i++) {
		struct pci_addr addr = {(uint32_t)(rand() % 2), (uint8_t)(rand() % 4),
					(uint8_t)(rand() % 4), (uint8_t)(rand() % 8)};

		plan_add_claim(&plan, &addr);
	}
	assert_uint_in_range(plan.claim_count, 200, 256);
	for (size_t i = 1; i < plan.claim_count; i++)
		assert_true(pci_addr_compare(&plan.claims[i - 1], &plan.claims[i]) < 0);
}

static void refusal_twins_are_dropped(void **state)
{
	auto_plan struct plan plan = {0};
	struct refusal refusal = {.kind = REFUSAL_MATE, .addr = {0, 1, 0, 0}, .mate = {0, 2, 0, 0}};

	(void)state;
	for (int i = 0; i < 3; i++) {
		refusal.guest = xstrdup("other");
		plan_add_refusal(&plan, &refusal);
	}
	assert_int_equal(plan.refusal_count, 1);
	refusal.guest = NULL;
	refusal.mate.function = 1;
	plan_add_refusal(&plan, &refusal);
	refusal.kind = REFUSAL_MATE_PF;
	plan_add_refusal(&plan, &refusal);
	refusal.addr.bus = 3;
	plan_add_refusal(&plan, &refusal);
	assert_int_equal(plan.refusal_count, 4);
}

static void steps_keep_their_order(void **state)
{
	auto_plan struct plan plan = {0};
	auto_text struct text text = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct step step = {STEP_POWER, xasprintf("0000:0%d:00.0", i), xstrdup("auto"),
				    xstrdup("on"), xstrdup("why")};

		array_push(plan.steps, plan.step_count, step);
	}
	plan_format(&plan, true, &text);
	assert_text(text.data, "power 0000:00:00.0 auto -> on # why\n"
			       "power 0000:01:00.0 auto -> on # why\n"
			       "power 0000:02:00.0 auto -> on # why\n");
}

static void notes_come_first_and_once(void **state)
{
	auto_plan struct plan plan = {0};
	auto_text struct text text = TEXT_INIT, refused = TEXT_INIT;
	struct refusal refusal = {.kind = REFUSAL_BRIDGE};

	(void)state;
	plan_add_note(&plan, xstrdup("one goes"));
	plan_add_note(&plan, xstrdup("another stays"));
	plan_add_note(&plan, xstrdup("one goes"));
	plan_format(&plan, true, &text);
	assert_text(text.data, "# one goes\n# another stays\n");
	plan_add_refusal(&plan, &refusal);
	text_append(&refused, "", 0);
	plan_format(&plan, true, &refused);
	assert_text(refused.data, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_a_sorted_set),
		cmocka_unit_test(refusal_twins_are_dropped),
		cmocka_unit_test(notes_come_first_and_once),
		cmocka_unit_test(steps_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
