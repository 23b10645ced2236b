// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In which order the cells of a lending are set: first who uses the devices lets go, then all
 * drivers let go, then all are bound. Tests: unit/test-planner.c, unit/test-planner-holders.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner-internal.h"

static bool has_module_step(const struct plan *plan, const char *module)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_MODULE &&
		    module_name_equal(plan->steps[i].target, module))
			return true;
	return false;
}

static void add_module_step(struct planner *planner, const struct taken *taken)
{
	const struct vfio_driver *driver = snapshot_vfio_driver(planner->snapshot, taken->driver);
	auto_free char *why = NULL;

	/* Found under its registered spelling only when it is registered. */
	if (!driver || driver->registered || has_module_step(planner->plan, taken->driver))
		return;
	why = xasprintf("VFIO driver for %s", ADDR(&taken->device->addr));
	planner_add_step(planner, STEP_MODULE, taken->driver, "absent", "loaded", why);
}

/*
 * Kept awake while drivers change hands: a function suspended beside its siblings has hung hosts.
 * Planned even where it is "on" already, as vfio-pci and the home driver both change it.
 */
static void add_power_step(struct planner *planner, const struct taken *taken)
{
	struct power_value value = taken->device->power;
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];

	if (!*value.control)
		return;
	power_value_format(&value, before);
	strcpy(value.control, "on");
	power_value_format(&value, after);
	planner_add_step(planner, STEP_POWER, ADDR(&taken->device->addr), before, after,
			 "awake while its driver changes");
}

static void waiting_value(const struct taken *taken, char text[CELL_VALUE_SIZE])
{
	struct driver_value value = {0};

	strcpy(value.override, taken->driver);
	driver_value_format(&value, text);
}

static void add_unbind_step(struct planner *planner, const struct taken *taken)
{
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];

	driver_value_format(&taken->device->bound, before);
	waiting_value(taken, after);
	if (strcmp(before, after) != 0)
		planner_add_step(planner, STEP_DRIVER, ADDR(&taken->device->addr), before, after,
				 taken->why);
}

static void add_bind_step(struct planner *planner, const struct taken *taken)
{
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];
	struct driver_value value = {0};

	waiting_value(taken, before);
	strcpy(value.driver, taken->driver);
	strcpy(value.override, taken->driver);
	driver_value_format(&value, after);
	planner_add_step(planner, STEP_DRIVER, ADDR(&taken->device->addr), before, after,
			 taken->why);
}

static void add_phase(struct planner *planner,
		      void (*phase)(struct planner *, const struct taken *))
{
	for (size_t i = 0; i < planner->taken_count; i++)
		if (taken_needs_steps(&planner->taken[i]))
			phase(planner, &planner->taken[i]);
}

/* How many devices of its group are bound before this one. */
static size_t rank_of(const struct planner *planner, size_t index)
{
	size_t rank = 0;

	for (size_t i = 0; i < index; i++)
		if (taken_needs_steps(&planner->taken[i]) &&
		    planner->taken[i].device->group == planner->taken[index].device->group)
			rank++;
	return rank;
}

/*
 * The first device of every group, then the second of each: two of one group are not bound at once
 * (see the driver cell), so that what can be done at once stands together.
 */
static void add_bind_steps(struct planner *planner)
{
	size_t left = planner->taken_count;

	for (size_t rank = 0; left > 0; rank++) {
		for (size_t i = 0; i < planner->taken_count; i++) {
			if (rank_of(planner, i) != rank)
				continue;
			if (taken_needs_steps(&planner->taken[i]))
				add_bind_step(planner, &planner->taken[i]);
			left--;
		}
	}
}

/* One phase over all devices before the next begins: everything is let go before any is bound. */
void planner_add_steps(struct planner *planner)
{
	planner_add_release_steps(planner);
	planner_add_console_steps(planner);
	add_phase(planner, add_module_step);
	add_phase(planner, add_power_step);
	planner_add_gate_step(planner);
	add_phase(planner, add_unbind_step);
	add_bind_steps(planner);
}
