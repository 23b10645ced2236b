// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each kind of step means to people. A kind that is not known here does not compile, so that
 * no change of the host is left out of an answer. Tests: model/test-answers.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"

/* --- units --- */

/* Who it is that the manager belongs to; heap. */
static char *user_name(const struct snapshot *snapshot, uid_t uid)
{
	for (size_t i = 0; i < snapshot->holder_count; i++)
		if (snapshot->holders[i].uid == uid && snapshot->holders[i].user)
			return xstrdup(snapshot->holders[i].user);
	return xasprintf("%u", (unsigned int)uid);
}

static bool is_stopped_already(const struct snapshot *snapshot, const char *target)
{
	for (size_t i = 0; i < snapshot->shared_cell_count; i++)
		if (snapshot->shared_cells[i].step.kind == STEP_UNIT &&
		    strcmp(snapshot->shared_cells[i].step.target, target) == 0)
			return true;
	return false;
}

static void add_unit(struct answer *answer, const struct step *step)
{
	struct answer_unit unit = {.name = step->target, .target = step->target, .why = step->why};
	const char *display = answer->snapshot->display_manager;
	struct unit_value before;
	uid_t manager = 0;

	if (unit_target_parse(step->target, &manager, &unit.name) && manager != 0)
		unit.user = user_name(answer->snapshot, manager);
	unit.session = unit_value_parse(step->before, &before) && *before.drm;
	unit.already = is_stopped_already(answer->snapshot, step->target);
	unit.display = display && strcmp(display, step->target) == 0;
	array_push(answer->units, answer->unit_count, unit);
}

/* --- processes --- */

static const struct holder *find_holder(const struct snapshot *snapshot,
					const struct gate_target *target)
{
	for (size_t i = 0; i < snapshot->holder_count; i++)
		if (snapshot->holders[i].pid == target->pid &&
		    snapshot->holders[i].start_time == target->start_time)
			return &snapshot->holders[i];
	return NULL;
}

static bool is_target(const struct gate_target *target, const struct pci_addr *addr)
{
	for (size_t i = 0; i < target->addr_count; i++)
		if (pci_addr_equal(&target->addrs[i], addr))
			return true;
	return false;
}

static const char *find_node(const struct snapshot *snapshot, const struct holder *holder,
			     const struct gate_target *target)
{
	for (size_t i = 0; holder && i < holder->hold_count; i++) {
		const struct node *node = &snapshot->nodes[holder->holds[i].node];

		if (!node->shared && !node_is_clock(node) && is_target(target, &node->addr))
			return node->name;
	}
	return NULL;
}

static void add_process(struct answer *answer, const struct step *step)
{
	struct answer_process process = {0};
	struct gate_target target = {0};

	gate_target_parse(step->target, &target);
	gate_value_parse(step->after, &process.value);
	process.pid = target.pid;
	process.holder = find_holder(answer->snapshot, &target);
	process.node = find_node(answer->snapshot, process.holder, &target);
	array_push(answer->processes, answer->process_count, process);
}

/* --- what is no more than a sentence --- */

static void add_module(struct answer *answer, const struct step *step)
{
	bool loaded = strcmp(step->after, "loaded") == 0;

	answer_lines_add(&answer->changes,
			 xasprintf(loaded ? "The kernel module %s is loaded, and stays loaded."
					  : "The kernel module %s is unloaded.",
				   step->target));
}

/* One sentence for all of them: there are as many as devices. */
static void add_power(struct answer *answer, const struct step *step)
{
	if (!step_changes(step))
		return;
	answer_lines_add(&answer->changes, xstrdup("Power management is off for these devices "
						   "while their drivers change."));
}

static const struct udev_device *find_udev(const struct snapshot *snapshot, const char *id)
{
	for (size_t i = 0; i < snapshot->udev_device_count; i++)
		if (strcmp(snapshot->udev_devices[i].id, id) == 0)
			return &snapshot->udev_devices[i];
	return NULL;
}

/* A card has several such devices, and people have one card. */
static void add_udev(struct answer *answer, const struct step *step)
{
	const struct udev_device *udev = find_udev(answer->snapshot, step->target);

	answer_lines_add(
		&answer->changes,
		udev ? xasprintf("All programs are told that the %s device of %s is gone, so that "
				 "they let go of it. Afterwards they are told that it is back.",
				 strcmp(udev->subsystem, "drm") == 0 ? "graphics" : udev->subsystem,
				 ADDR(&udev->addr))
		     : xasprintf("All programs are told that the device %s is gone.",
				 step->target));
}

static void add_vtconsole(struct answer *answer, const struct step *step)
{
	bool back = strcmp(step->why, PLAN_CONSOLE_IS_BACK) == 0;

	answer_lines_add(back ? &answer->changes : &answer->irreversible,
			 xasprintf("The text console (%s) goes dark until %s.", step->target,
				   back ? "the devices are back" : "this host restarts"));
}

static void add_framebuffer(struct answer *answer, const struct step *step)
{
	answer_lines_add(&answer->changes, xasprintf("The driver %s lets go of %s: %s.",
						     step->before, step->target, step->why));
}

/* Of set-ups: no plan of a lend has them, and none may hide them. */
static void add_setup(struct answer *answer, const struct step *step)
{
	answer_lines_add(&answer->changes, xasprintf("%s of %s: %s.", step_kind_name(step->kind),
						     step->target, step->why));
}

/* --- all kinds --- */

static void add_step(struct answer *answer, const struct step *step)
{
	switch (step->kind) {
	case STEP_MODULE:
		add_module(answer, step);
		return;
	case STEP_POWER:
		add_power(answer, step);
		return;
	case STEP_UNIT:
		add_unit(answer, step);
		return;
	case STEP_UDEV:
		add_udev(answer, step);
		return;
	case STEP_VTCONSOLE:
		add_vtconsole(answer, step);
		return;
	case STEP_FRAMEBUFFER:
		add_framebuffer(answer, step);
		return;
	case STEP_PROCESS:
		add_process(answer, step);
		return;
	case STEP_DRIVER:  /* said of its device */
	case STEP_HOLDERS: /* changes nothing, but may take long: answer-delays.c */
		return;
	case STEP_FILE:
	case STEP_BUILD:
	case STEP_CHECK:
		add_setup(answer, step);
		return;
	case STEP_KINDS:
		return;
	}
}

void answer_add_steps(struct answer *answer)
{
	for (size_t i = 0; i < answer->plan->step_count; i++)
		add_step(answer, &answer->plan->steps[i]);
}
