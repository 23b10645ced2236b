// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which units that another guest's run has stopped this guest needs stopped as well: they are not
 * active, so nothing else tells of them, and the other guest's end would start them.
 * Tests: model/test-cases.c, model/test-answers.c.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner-internal.h"

/* A graphics card for which the display manager is stopped; NULL: there is none. */
static const struct device *stops_display(const struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;

		if (taken_needs_steps(&planner->taken[i]) &&
		    snapshot_graphics(planner->snapshot, device) &&
		    planner_policy(planner, device).display == DISPLAY_STOP)
			return device;
	}
	return NULL;
}

/* The driver of a taken device that drove one of the other guest's, too; NULL: there is none. */
static const char *common_driver(const struct planner *planner, const struct shared_cell *held)
{
	for (size_t i = 0; i < planner->taken_count; i++) {
		const char *bound = planner->taken[i].device->bound.driver;

		if (!*bound || !taken_needs_steps(&planner->taken[i]))
			continue;
		for (char **driver = held->drivers; driver && *driver; driver++)
			if (module_name_equal(*driver, bound))
				return bound;
	}
	return NULL;
}

/* Whoever is last to return starts it, when that guest's own card is back. */
static void value_before(const struct shared_cell *held, const struct pci_addr *graphics,
			 char text[CELL_VALUE_SIZE])
{
	struct unit_value value;

	snprintf(text, CELL_VALUE_SIZE, "%s", held->step.before);
	if (!graphics || !unit_value_parse(text, &value) || !*value.drm)
		return;
	snprintf(value.drm, sizeof(value.drm), "%s", ADDR(graphics));
	unit_value_format(&value, text);
}

static void join(struct planner *planner, const struct shared_cell *held)
{
	const struct device *display = held->display ? stops_display(planner) : NULL;
	const char *driver = held->display ? NULL : common_driver(planner, held);
	char before[CELL_VALUE_SIZE];
	auto_free char *why = NULL;

	if (!display && !driver)
		return;
	if (display)
		why = xasprintf("is stopped for %s already; display = stop, for %s", held->guest,
				ADDR(&display->addr));
	else
		why = xasprintf("is stopped for %s already, and serves %s devices as well",
				held->guest, driver);
	value_before(held, display ? snapshot_graphics(planner->snapshot, display) : NULL, before);
	planner_add_step(planner, STEP_UNIT, held->step.target, before, held->step.after, why);
}

void planner_add_joined_units(struct planner *planner)
{
	for (size_t i = 0; i < planner->snapshot->shared_cell_count; i++) {
		const struct shared_cell *held = &planner->snapshot->shared_cells[i];

		if (held->step.kind == STEP_UNIT &&
		    !plan_has_step(planner->plan, STEP_UNIT, held->step.target))
			join(planner, held);
	}
}
