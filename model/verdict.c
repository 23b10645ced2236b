// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may be done about whom: the one place where a holder's role, the kind of node it holds and
 * the policy for the device meet.
 */
#include "model/verdict.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/cell.h"

/* Sound servers need a moment after the event that a card is going. */
#define SOUND_RELEASE_MS 3000

static bool is_sound(const struct node *node)
{
	return strcmp(node->subsystem, "sound") == 0;
}

/*
 * The nodes by which it holds this device: one of them, the exclusive before the shared. *ret_only:
 * all the exclusive ones are of this subsystem.
 */
static const struct node *held_node(const struct snapshot *snapshot, const struct holder *holder,
				    const struct device *device, bool *ret_only_sound)
{
	const struct node *found = NULL;

	*ret_only_sound = true;
	for (size_t i = 0; i < holder->hold_count; i++) {
		const struct node *node = &snapshot->nodes[holder->holds[i].node];

		if (!pci_addr_equal(&node->addr, &device->addr) || node_is_watchdog(node))
			continue;
		if (!node->shared && !is_sound(node))
			*ret_only_sound = false;
		if (!found || (found->shared && !node->shared))
			found = node;
	}
	return found;
}

static struct verdict refuse(enum holder_reason reason)
{
	return (struct verdict){.action = HOLDER_REFUSE, .reason = reason};
}

static bool is_unpluggable(const struct device *device)
{
	return !class_needs_proof(device->class_code);
}

/*
 * The unit of a display manager that runs and cannot be stopped, or NULL: it would have its server
 * back as soon as that is ended, and a session would be lost for nothing.
 */
static const struct unit *lasting_manager(const struct snapshot *snapshot)
{
	const struct unit *unit = snapshot->display_manager
					  ? snapshot_unit(snapshot, snapshot->display_manager)
					  : NULL;

	return unit && unit->active && !unit->can_stop ? unit : NULL;
}

static struct verdict of_display(const struct snapshot *snapshot, const struct holder *holder,
				 const struct device *device, const struct device_policy *policy)
{
	bool is_server = holder->role == HOLDER_DISPLAY;
	const struct unit *manager = lasting_manager(snapshot);

	/* What is plugged in and out every day: the session copes. */
	if (is_unpluggable(device))
		return (struct verdict){.action = HOLDER_LEAVE, .reason = REASON_UNPLUG};
	switch (policy->display) {
	case DISPLAY_RELEASE:
		if (module_name_equal(device->bound.driver, "nvidia"))
			return refuse(REASON_DISPLAY_NVIDIA);
		return (struct verdict){
			.action = HOLDER_RELEASE, .wait_ms = policy->wait_time_ms, .ask = true};
	case DISPLAY_STOP:
		if (manager)
			return (struct verdict){.action = HOLDER_REFUSE,
						.reason = REASON_DISPLAY_MANAGER,
						.unit = manager};
		/* Logind and PID 1 let go when the session ends, and are not to be signalled. */
		return (struct verdict){.action = is_server ? HOLDER_TERMINATE : HOLDER_WAIT,
					.wait_ms = policy->wait_time_ms};
	case DISPLAY_REFUSE:
		break;
	}
	return refuse(REASON_DISPLAY);
}

static struct verdict of_process(const struct device_policy *policy)
{
	switch (policy->processes) {
	case PROCESSES_WAIT:
		return (struct verdict){.action = HOLDER_WAIT, .wait_ms = policy->wait_time_ms};
	case PROCESSES_TERMINATE:
		return (struct verdict){.action = HOLDER_TERMINATE};
	case PROCESSES_REFUSE:
		break;
	}
	return refuse(REASON_PROCESSES);
}

static struct verdict of_unit(const struct snapshot *snapshot, const struct holder *holder)
{
	auto_free char *name = unit_target(holder->manager, holder->unit);
	const struct unit *unit = snapshot_unit(snapshot, name);

	if (unit && unit->can_stop)
		return (struct verdict){.action = HOLDER_STOP_UNIT, .unit = unit};
	return (struct verdict){.action = HOLDER_REFUSE, .reason = REASON_UNIT, .unit = unit};
}

static struct verdict of_service(const struct snapshot *snapshot, const struct holder *holder,
				 const struct device_policy *policy)
{
	switch (policy->services) {
	case SERVICES_WAIT:
		return (struct verdict){.action = HOLDER_WAIT, .wait_ms = policy->wait_time_ms};
	case SERVICES_TERMINATE:
		return (struct verdict){.action = HOLDER_TERMINATE};
	case SERVICES_STOP_UNIT:
		return of_unit(snapshot, holder);
	case SERVICES_REFUSE:
		break;
	}
	return refuse(REASON_SERVICES);
}

/*
 * A user's sound server holds every card of the machine. It lets go of one when udev says that the
 * card is gone; stopping it would silence the rest, and its socket would start it again.
 */
static struct verdict of_user_service(const struct snapshot *snapshot, const struct holder *holder,
				      const struct device *device, bool only_sound,
				      const struct device_policy *policy)
{
	if (is_unpluggable(device))
		return (struct verdict){.action = HOLDER_LEAVE, .reason = REASON_UNPLUG};
	if (only_sound && policy->services != SERVICES_REFUSE)
		return (struct verdict){
			.action =
				policy->services == SERVICES_WAIT ? HOLDER_WAIT : HOLDER_TERMINATE,
			.wait_ms = policy->services == SERVICES_WAIT ? policy->wait_time_ms
								     : SOUND_RELEASE_MS,
			.ask = true};
	return of_service(snapshot, holder, policy);
}

/* Udev looks at what has just appeared, and is done with it in a moment. */
static bool is_udev(const struct holder *holder)
{
	return text_equal(holder->unit, "systemd-udevd.service") ||
	       text_equal(holder->command, "systemd-udevd") ||
	       text_equal(holder->command, "(udev-worker)") || text_equal(holder->command, "udevd");
}

static struct verdict of_protected(const struct holder *holder, const struct device *device,
				   const struct device_policy *policy)
{
	if (is_unpluggable(device))
		return (struct verdict){.action = HOLDER_LEAVE, .reason = REASON_UNPLUG};
	if (is_udev(holder))
		return (struct verdict){.action = HOLDER_WAIT, .wait_ms = policy->wait_time_ms};
	return refuse(REASON_PROTECTED);
}

static struct verdict of_role(const struct snapshot *snapshot, const struct holder *holder,
			      const struct device *device, bool only_sound,
			      const struct device_policy *policy)
{
	switch (holder->role) {
	case HOLDER_GUEST:
		return refuse(REASON_GUEST);
	case HOLDER_PROTECTED:
		return of_protected(holder, device, policy);
	case HOLDER_DISPLAY:
	case HOLDER_LOGIND:
		return of_display(snapshot, holder, device, policy);
	case HOLDER_SERVICE:
		return of_service(snapshot, holder, policy);
	case HOLDER_USER_SERVICE:
		return of_user_service(snapshot, holder, device, only_sound, policy);
	default:
		return of_process(policy);
	}
}

struct verdict verdict_of(const struct snapshot *snapshot, const struct holder *holder,
			  const struct device *device, const struct device_policy *policy)
{
	bool only_sound;
	const struct node *node = held_node(snapshot, holder, device, &only_sound);
	struct verdict verdict = {.action = HOLDER_LEAVE};

	if (!node)
		return verdict;
	if (strcmp(node->subsystem, "vfio") == 0 || strcmp(node->subsystem, "vfio-dev") == 0)
		verdict = refuse(holder->role == HOLDER_GUEST ? REASON_GUEST : REASON_VFIO);
	else if (node->shared)
		verdict.reason = REASON_SHARED;
	else
		verdict = of_role(snapshot, holder, device, only_sound, policy);
	verdict.node = node;
	return verdict;
}

const char *holder_action_name(enum holder_action action)
{
	switch (action) {
	case HOLDER_REFUSE:
		return "refuse";
	case HOLDER_WAIT:
		return "wait";
	case HOLDER_RELEASE:
		return "release";
	case HOLDER_STOP_UNIT:
		return "stop-unit";
	case HOLDER_TERMINATE:
		return "terminate";
	case HOLDER_LEAVE:
		return "leave";
	}
	return "?";
}

static void format_unit(const struct verdict *verdict, const struct holder *holder,
			struct text *out)
{
	const char *note = verdict->unit && verdict->unit->note ? verdict->unit->note : NULL;

	text_printf(out, "Its unit %s cannot be stopped%s%s. End the program by hand.",
		    holder->unit, note ? ": " : "", note ? note : "");
}

static void format_manager(const struct verdict *verdict, struct text *out)
{
	text_printf(out,
		    "That is a session on this card, and its display manager %s cannot be "
		    "stopped%s%s: stop it by hand first.",
		    verdict->unit->name, verdict->unit->note ? ": " : "",
		    verdict->unit->note ? verdict->unit->note : "");
}

char *verdict_setting(const struct verdict *verdict)
{
	switch (verdict->reason) {
	case REASON_DISPLAY:
	case REASON_DISPLAY_NVIDIA:
		return xstrdup("display=stop");
	case REASON_PROCESSES:
		return xstrdup("processes=terminate");
	case REASON_SERVICES:
		return xstrdup("services=stop-unit");
	case REASON_UNIT:
		return xstrdup("services=terminate");
	default:
		return NULL;
	}
}

void verdict_format_advice(const struct verdict *verdict, const struct holder *holder,
			   struct text *out)
{
	switch (verdict->reason) {
	case REASON_GUEST:
		text_printf(out, "It runs a virtual machine: stop that first.");
		break;
	case REASON_VFIO:
		text_printf(out, "It drives the device through VFIO itself: end it first.");
		break;
	case REASON_PROTECTED:
		text_printf(out, "It is a part of the system that is never ended: make it let go "
				 "of the device first.");
		break;
	case REASON_DISPLAY:
		text_printf(out, "A desktop session uses this card. Log out, or keep the desktop "
				 "off this card (display=release, or see SESSIONS in "
				 "hostdev-hook.conf(5)).");
		break;
	case REASON_DISPLAY_NVIDIA:
		text_printf(out, "With the nvidia driver no desktop lets go of a card. Log out.");
		break;
	case REASON_DISPLAY_MANAGER:
		format_manager(verdict, out);
		break;
	case REASON_PROCESSES:
		text_printf(out, "End it first.");
		break;
	case REASON_SERVICES:
		text_printf(out, "Stop it first (systemctl stop).");
		break;
	case REASON_UNIT:
		format_unit(verdict, holder, out);
		break;
	default:
		break;
	}
}
