// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a lend may take long: how long who is waited for, from the steps themselves and from the
 * limits of the run. Tests: model/test-answers.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"

static void add_delay(struct answer *answer, unsigned int ms, char *what)
{
	array_push(answer->delays, answer->delay_count,
		   (struct answer_delay){.seconds = (ms + 999) / 1000, .what = what});
}

static void add_process(struct answer *answer, const struct answer_process *process)
{
	unsigned int ms = process->value.wait_ms + process->value.grace_ms;
	auto_text struct text who = TEXT_INIT;

	answer_process_format(process, &who);
	if (ms > 0)
		add_delay(answer, ms,
			  xasprintf("until %s has %s", who.data,
				    answer_process_ends(process) && process->value.wait_ms == 0
					    ? "ended"
					    : "let go"));
}

/* A crowd of devices has several of them, which all say the same. */
static void add_gates(struct answer *answer)
{
	unsigned int most_ms = 0;

	for (size_t i = 0; i < answer->plan->step_count; i++) {
		const struct step *step = &answer->plan->steps[i];
		struct gate_value value;

		if (step->kind == STEP_HOLDERS && gate_value_parse(step->after, &value) &&
		    value.wait_ms > most_ms)
			most_ms = value.wait_ms;
	}
	if (most_ms > 0)
		add_delay(answer, most_ms, xstrdup("until no program has these devices open"));
}

/* A driver of the host that lets go, a driver that takes up: which of them are there at all? */
static void find_drivers(const struct plan *plan, bool *ret_unbind, bool *ret_bind)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		struct driver_value before, after;

		if (plan->steps[i].kind != STEP_DRIVER ||
		    !driver_value_parse(plan->steps[i].before, &before) ||
		    !driver_value_parse(plan->steps[i].after, &after))
			continue;
		*ret_unbind |= *before.driver && !*after.driver;
		*ret_bind |= *after.driver != '\0';
	}
}

void answer_add_delays(struct answer *answer, const struct limits *limits)
{
	bool unbind = false, bind = false;

	for (size_t i = 0; i < answer->unit_count; i++)
		if (!answer->units[i].already)
			add_delay(answer, LIMIT_UNIT_STOP_MS,
				  xasprintf("until %s has stopped", answer->units[i].name));
	for (size_t i = 0; i < answer->process_count; i++)
		add_process(answer, &answer->processes[i]);
	add_gates(answer);
	find_drivers(answer->plan, &unbind, &bind);
	if (unbind)
		add_delay(answer, limits->unbind_ms,
			  xstrdup("until a driver has let go of its device (unbind-time)"));
	if (bind)
		add_delay(answer, limits->bind_ms,
			  xstrdup("until a driver has taken its device up (bind-time)"));
	if (answer->plan->step_count > 0)
		add_delay(answer, limits->total_ms,
			  xstrdup("until everything is done or put back (total-time)"));
}
