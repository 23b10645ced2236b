// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a person is asked before programs end: what ends for good, and what stops until the
 * devices are back. The plan is made anew when it is carried out, and by then something else may
 * have come to use the devices, for which nobody was asked. Tests: ctl/lend.bats.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/hand/hand.h"
#include "model/cell.h"

void consent_done(struct consent *consent)
{
	for (size_t i = 0; i < consent->count; i++)
		free(consent->steps[i]);
	free(consent->steps);
	*consent = (struct consent){0};
}

static bool ends(const struct step *step)
{
	struct gate_value value;

	return step->kind == STEP_PROCESS && gate_value_parse(step->after, &value) &&
	       value.has_grace;
}

static bool stops(const struct step *step)
{
	return step->kind == STEP_UNIT;
}

/* Heap. */
static char *cell_of(const struct step *step)
{
	return xasprintf("%s %s", step_kind_name(step->kind), step->target);
}

static bool has_cell(const struct consent *consent, const struct step *step)
{
	auto_free char *cell = cell_of(step);

	for (size_t i = 0; i < consent->count; i++)
		if (strcmp(consent->steps[i], cell) == 0)
			return true;
	return false;
}

static void list(struct consent *consent, const struct plan *plan, bool (*is)(const struct step *),
		 const char *heading)
{
	bool any = false;

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		auto_free char *why = NULL;

		if (!is(step))
			continue;
		why = text_escape(step->why);
		fprintf(stderr, "%s", any ? "" : heading);
		any = true;
		if (step->kind == STEP_UNIT)
			fprintf(stderr, "  %s (%s)\n", step->target, why);
		else
			fprintf(stderr, "  %s\n", why);
		array_push(consent->steps, consent->count, cell_of(step));
	}
}

bool consent_ask(struct consent *consent, const struct plan *plan)
{
	list(consent, plan, ends, "These programs would be ended, with all that is not saved:\n");
	list(consent, plan, stops, "These units would be stopped until the devices are back:\n");
	if (consent->count == 0)
		return true;
	return command_confirm("Lend the devices all the same?");
}

bool consent_covers(void *data, const struct plan *plan)
{
	const struct consent *consent = data;

	for (size_t i = 0; i < plan->step_count; i++)
		if ((ends(&plan->steps[i]) || stops(&plan->steps[i])) &&
		    !has_cell(consent, &plan->steps[i]))
			return false;
	return true;
}
