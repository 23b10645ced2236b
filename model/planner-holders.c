// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the holders of the taken devices are made to let go: verdicts on each device become one fate
 * for each process and one stop for each unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner-internal.h"

/* Somebody may open a node between the plan and the gate: so long they have to think better. */
#define GATE_WAIT_MS 5000

/* What becomes of one holder, over all the devices it holds. */
struct fate {
	struct verdict verdict;
	unsigned int grace_ms;
	bool in_vain; /* it ends for another device anyway: no use in asking it first */
	unsigned int plain_wait_ms; /* the longest of the times that go without asking */
	struct gate_target target;  /* the devices, for its cell */
};

static void fate_add(struct fate *fate, const struct holder *holder, const struct device *device,
		     const struct verdict *verdict, const struct device_policy *policy)
{
	struct gate_target *target = &fate->target;
	unsigned int wait_ms = verdict->wait_ms;
	bool ask_drm = fate->verdict.ask_drm || verdict->ask_drm;
	bool ask_sound = fate->verdict.ask_sound || verdict->ask_sound;
	bool spare = verdict->spare && (target->addr_count == 0 || fate->verdict.spare);

	if (wait_ms < fate->verdict.wait_ms)
		wait_ms = fate->verdict.wait_ms;
	target->pid = holder->pid;
	target->start_time = holder->start_time;
	if (!verdict->ask_drm && !verdict->ask_sound) {
		fate->in_vain |= verdict->action == HOLDER_TERMINATE;
		if (fate->plain_wait_ms < verdict->wait_ms)
			fate->plain_wait_ms = verdict->wait_ms;
	}
	/* Beyond that the gate sees it. */
	if (target->addr_count < GATE_ADDRS_MAX)
		target->addrs[target->addr_count++] = device->addr;
	if (fate->grace_ms < policy->grace_time_ms)
		fate->grace_ms = policy->grace_time_ms;
	if (target->addr_count == 1 || verdict->action < fate->verdict.action)
		fate->verdict = *verdict;
	/* Whoever of them decides: it is asked for each, and gets the longest of the times. */
	fate->verdict.wait_ms = wait_ms;
	fate->verdict.ask_drm = ask_drm;
	fate->verdict.ask_sound = ask_sound;
	/* It is killed where any of them is reason enough. */
	fate->verdict.spare = spare;
}

/* Devices that keep their driver matter only to those who forbid taking them. */
static struct fate fate_of(const struct planner *planner, const struct holder *holder)
{
	struct fate fate = {.verdict.action = HOLDER_LEAVE};

	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;
		struct device_policy policy = planner_policy(planner, device);
		struct verdict verdict = planner_verdict(planner, holder, device);

		if (verdict.action == HOLDER_LEAVE)
			continue;
		if (verdict.action == HOLDER_REFUSE || taken_needs_steps(&planner->taken[i]))
			fate_add(&fate, holder, device, &verdict, &policy);
	}
	if (fate.in_vain && fate.verdict.action == HOLDER_TERMINATE) {
		fate.verdict.ask_sound = false;
		fate.verdict.wait_ms = fate.plain_wait_ms;
	}
	return fate;
}

/* --- steps --- */

static void add_unit_step(struct planner *planner, const char *name, const struct unit_value *value,
			  const char *why)
{
	char before[CELL_VALUE_SIZE];

	if (plan_has_step(planner->plan, STEP_UNIT, name))
		return;
	unit_value_format(value, before);
	planner_add_step(planner, STEP_UNIT, name, before, "inactive", why);
}

/*
 * What would start it again, or stop with it, before it: so nothing starts it in between. Back they
 * come after it, but for sockets.
 */
static void add_unit_steps(struct planner *planner, const struct unit *unit, const char *drm,
			   const char *why)
{
	auto_free char *together = xasprintf("%s: starts or stops with it", unit->name);
	struct unit_value value = {.active = true}, plain = {.active = true};
	const char *name;
	uid_t manager;

	if (!unit_target_parse(unit->name, &manager, &name))
		return;
	for (char **with = unit->stops_with; with && *with; with++) {
		auto_free char *target = unit_target(manager, *with);

		add_unit_step(planner, target, &plain, together);
		if (text_ends(*with, ".socket"))
			unit_value_add_socket(&value, *with);
	}
	if (drm)
		snprintf(value.drm, sizeof(value.drm), "%s", drm);
	add_unit_step(planner, unit->name, &value, why);
}

/* A plan for a machine that can only be read must not promise what nobody could ask about. */
static void note_unasked(struct planner *planner, const struct unit *unit)
{
	if (unit->unasked)
		plan_add_note(planner->plan, xstrdup("the host of these files was not asked "
						     "whether these units can be stopped"));
}

/* A device of which this holder keeps a session that ends; NULL: there is none. */
static const struct device *ended_display(const struct planner *planner,
					  const struct holder *holder)
{
	struct fate fate = {0};

	if (holder->role != HOLDER_DISPLAY && holder->role != HOLDER_LOGIND)
		return NULL;
	fate = fate_of(planner, holder);
	for (size_t d = 0; d < fate.target.addr_count; d++) {
		const struct device *device =
			snapshot_device(planner->snapshot, &fate.target.addrs[d]);
		struct device_policy policy = planner_policy(planner, device);

		if (verdict_stops_display(planner->snapshot, holder, &policy))
			return device;
	}
	return NULL;
}

static void add_display_unit(struct planner *planner, const struct holder *holder,
			     const struct device *device, const char *name)
{
	const struct unit *unit = name ? snapshot_unit(planner->snapshot, name) : NULL;
	const struct pci_addr *graphics = snapshot_graphics(planner->snapshot, device);
	auto_free char *why = NULL;

	if (!graphics)
		graphics = &device->addr;

	if (!unit || !unit->active || !unit_may_stop(unit) ||
	    plan_has_step(planner->plan, STEP_UNIT, unit->name))
		return;
	why = xasprintf("%s %s", holder->prompts ? "nobody is logged in on" : "display = stop, for",
			ADDR(holder->prompts ? graphics : &device->addr));
	note_unasked(planner, unit);
	if (holder->prompts)
		plan_add_note(planner->plan,
			      xasprintf("the login screen on %s (%s) ends, as nobody is logged in; "
					"it comes back with the card",
					ADDR(graphics), unit->name));
	add_unit_steps(planner, unit, ADDR(graphics), why);
}

/* What would start a session's display server again ends before it: the display manager, a getty.
 */
static void add_display_units(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	for (size_t i = 0; i < snapshot->holder_count; i++) {
		const struct holder *holder = &snapshot->holders[i];
		const struct device *device = ended_display(planner, holder);

		if (!device)
			continue;
		add_display_unit(planner, holder, device, snapshot->display_manager);
		add_display_unit(planner, holder, device, holder->starter);
	}
}

/* "its process 900 (lactd) holds 0000:01:00.0, 0000:02:00.0 and 2 more" */
static char *why_stopped(const struct holder *holder, const struct gate_target *target)
{
	struct text why = TEXT_INIT;

	text_printf(&why, "its process %d (%s) holds ", (int)holder->pid, holder->command);
	pci_addr_list(target->addrs, target->addr_count, 3, &why);
	return why.data;
}

static void add_stopped_units(struct planner *planner)
{
	for (size_t i = 0; i < planner->snapshot->holder_count; i++) {
		const struct holder *holder = &planner->snapshot->holders[i];
		struct fate fate = fate_of(planner, holder);
		auto_free char *why = NULL;

		if (fate.verdict.action != HOLDER_STOP_UNIT)
			continue;
		why = why_stopped(holder, &fate.target);
		note_unasked(planner, fate.verdict.unit);
		add_unit_steps(planner, fate.verdict.unit, NULL, why);
	}
}

static void add_udev_step(struct planner *planner, const struct udev_device *udev)
{
	auto_free char *why = NULL;

	if (plan_has_step(planner->plan, STEP_UDEV, udev->id))
		return;
	why = xasprintf("tells programs to let go of %s", ADDR(&udev->addr));
	planner_add_step(planner, STEP_UDEV, udev->id, "known", "withdrawn", why);
}

static bool is_asked_by(const struct fate *fate, const char *subsystem)
{
	return (fate->verdict.ask_drm && strcmp(subsystem, "drm") == 0) ||
	       (fate->verdict.ask_sound && strcmp(subsystem, "sound") == 0);
}

/* The events that tell this holder to let go: for each of its devices, by the kind of node. */
static void ask_holder(struct planner *planner, const struct fate *fate)
{
	const struct snapshot *snapshot = planner->snapshot;

	for (size_t d = 0; d < fate->target.addr_count; d++)
		for (size_t u = 0; u < snapshot->udev_device_count; u++) {
			const struct udev_device *udev = &snapshot->udev_devices[u];

			if (pci_addr_equal(&udev->addr, &fate->target.addrs[d]) &&
			    is_asked_by(fate, udev->subsystem))
				add_udev_step(planner, udev);
		}
}

static void add_udev_steps(struct planner *planner)
{
	for (size_t i = 0; i < planner->snapshot->holder_count; i++) {
		struct fate fate = fate_of(planner, &planner->snapshot->holders[i]);

		if (fate.verdict.ask_drm || fate.verdict.ask_sound)
			ask_holder(planner, &fate);
	}
}

static bool has_process_step(enum holder_action action)
{
	return action == HOLDER_WAIT || action == HOLDER_RELEASE || action == HOLDER_TERMINATE;
}

static void add_process_step(struct planner *planner, const struct holder *holder,
			     const struct fate *fate)
{
	struct gate_value value = {.free = true,
				   .wait_ms = fate->verdict.wait_ms,
				   .has_grace = fate->verdict.action == HOLDER_TERMINATE,
				   .spare = fate->verdict.action == HOLDER_TERMINATE &&
					    fate->verdict.spare,
				   .grace_ms = fate->grace_ms};
	auto_free char *target = gate_target_format(&fate->target);
	auto_text struct text why = TEXT_INIT;
	char after[CELL_VALUE_SIZE];

	holder_format(holder, &why);
	text_printf(&why, " through /dev/%s", fate->verdict.node->name);
	gate_value_format(&value, after);
	planner_add_step(planner, STEP_PROCESS, target, "held", after, why.data);
}

static void add_process_steps(struct planner *planner)
{
	for (size_t i = 0; i < planner->snapshot->holder_count; i++) {
		const struct holder *holder = &planner->snapshot->holders[i];
		struct fate fate = fate_of(planner, holder);

		if (has_process_step(fate.verdict.action))
			add_process_step(planner, holder, &fate);
	}
}

/* --- clocks --- */

static void note_clock(struct planner *planner, const struct holder *holder,
		       const struct device *device)
{
	for (size_t i = 0; i < holder->hold_count; i++) {
		const struct node *node = &planner->snapshot->nodes[holder->holds[i].node];

		if (!node_is_clock(node) || !pci_addr_equal(&node->addr, &device->addr))
			continue;
		plan_add_note(
			planner->plan,
			xasprintf("%s (process %d) has the clock of %s open (/dev/%s), and may "
				  "need a restart when the card is back",
				  holder->command, (int)holder->pid, ADDR(&device->addr),
				  node->name));
		return;
	}
}

/* The kernel waits for nobody who has one open; but a new one does not come to who had the old. */
static void note_clocks(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		for (size_t h = 0;
		     taken_needs_steps(&planner->taken[i]) && h < planner->snapshot->holder_count;
		     h++)
			note_clock(planner, &planner->snapshot->holders[h],
				   planner->taken[i].device);
}

void planner_add_release_steps(struct planner *planner)
{
	add_display_units(planner);
	add_stopped_units(planner);
	planner_add_joined_units(planner);
	add_udev_steps(planner);
	add_process_steps(planner);
	note_clocks(planner);
}

/* --- the gate --- */

static bool is_held(const struct planner *planner)
{
	for (size_t i = 0; i < planner->snapshot->holder_count; i++)
		if (fate_of(planner, &planner->snapshot->holders[i]).verdict.action != HOLDER_LEAVE)
			return true;
	return false;
}

/* Whatever nodes it has now: a disk's namespace, say, may appear until it is unbound. */
static bool needs_gate(const struct taken *taken)
{
	const char *driver = taken->device->bound.driver;

	return taken_needs_steps(taken) && device_class_needs_proof(taken->device->class_code) &&
	       *driver && !device_driver_is_vfio(driver);
}

/* As long as the most patient of its holders gets: a late one may just have appeared again. */
static unsigned int gate_wait_ms(const struct planner *planner)
{
	unsigned int wait_ms = GATE_WAIT_MS;

	for (size_t i = 0; i < planner->snapshot->holder_count; i++) {
		struct fate fate = fate_of(planner, &planner->snapshot->holders[i]);

		if (fate.verdict.wait_ms > wait_ms)
			wait_ms = fate.verdict.wait_ms;
	}
	return wait_ms;
}

static void add_gate_step(struct planner *planner, const struct gate_target *target)
{
	struct gate_value value = {.free = true, .wait_ms = gate_wait_ms(planner)};
	auto_free char *name = gate_target_format(target);
	char after[CELL_VALUE_SIZE];

	gate_value_format(&value, after);
	planner_add_step(planner, STEP_HOLDERS, name, is_held(planner) ? "held" : "free", after,
			 "nobody may hold them when their drivers let go");
}

/* One for all devices, as one look at the processes serves all; only a crowd needs several. */
void planner_add_gate_step(struct planner *planner)
{
	struct gate_target target = {0};

	for (size_t i = 0; i < planner->taken_count; i++) {
		if (!needs_gate(&planner->taken[i]))
			continue;
		target.addrs[target.addr_count++] = planner->taken[i].device->addr;
		if (target.addr_count < GATE_ADDRS_MAX)
			continue;
		add_gate_step(planner, &target);
		target.addr_count = 0;
	}
	if (target.addr_count > 0)
		add_gate_step(planner, &target);
}
