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

/*
 * What a holder has open of one device. Shared nodes count for nothing, nor do clocks: a daemon
 * that keeps the time goes on without the clock of a network card, and would stop for all of them.
 */
struct held {
	const struct node *node;    /* one of them, the exclusive before the shared; or NULL */
	const struct node *storage; /* one that leads to data, or NULL */
	bool only_sound, only_render;
};

static struct held held_of(const struct snapshot *snapshot, const struct holder *holder,
			   const struct device *device)
{
	struct held held = {.only_sound = true, .only_render = true};

	for (size_t i = 0; i < holder->hold_count; i++) {
		const struct node *node = &snapshot->nodes[holder->holds[i].node];

		if (!pci_addr_equal(&node->addr, &device->addr) || node_is_watchdog(node) ||
		    node_is_clock(node))
			continue;
		if (!held.node || (held.node->shared && !node->shared))
			held.node = node;
		if (node->shared)
			continue;
		held.only_sound &= node_is_sound(node);
		held.only_render &= node_is_render(node);
		if (!held.storage && node_is_storage(node))
			held.storage = node;
	}
	return held;
}

/* All that decides about one holder of one device. */
struct verdict_question {
	const struct snapshot *snapshot;
	const struct holder *holder;
	const struct device *device;
	const struct device_policy *policy;
	struct held held;
};

static struct verdict refuse(enum holder_reason reason)
{
	return (struct verdict){.action = HOLDER_REFUSE, .reason = reason};
}

static struct verdict leave(enum holder_reason reason)
{
	return (struct verdict){.action = HOLDER_LEAVE, .reason = reason};
}

static struct verdict wait_for(const struct verdict_question *question)
{
	return (struct verdict){.action = HOLDER_WAIT, .wait_ms = question->policy->wait_time_ms};
}

/* --- sessions --- */

/*
 * The unit of a display manager that runs and cannot be stopped, or NULL: it would have its server
 * back as soon as that is ended, and a session would be lost for nothing. The same of the unit that
 * has started this server, where that is another one.
 */
static const struct unit *lasting_unit(const struct snapshot *snapshot, const char *name)
{
	const struct unit *unit = name ? snapshot_unit(snapshot, name) : NULL;

	return unit && unit->active && !unit_may_stop(unit) ? unit : NULL;
}

static struct verdict of_stopped_display(const struct verdict_question *question)
{
	const struct holder *holder = question->holder;
	const struct unit *unit =
		lasting_unit(question->snapshot, question->snapshot->display_manager);

	if (!unit)
		unit = lasting_unit(question->snapshot, holder->starter);
	if (unit)
		return (struct verdict){
			.action = HOLDER_REFUSE, .reason = REASON_DISPLAY_MANAGER, .unit = unit};
	if (holder->starter_program)
		return refuse(REASON_DISPLAY_STARTER);
	/* Logind and PID 1 let go when the session ends, and are not to be signalled. */
	return (struct verdict){.action = holder->role == HOLDER_DISPLAY ? HOLDER_TERMINATE
									 : HOLDER_WAIT,
				.wait_ms = question->policy->wait_time_ms};
}

static struct verdict of_asked_display(const struct verdict_question *question)
{
	return (struct verdict){.action = HOLDER_RELEASE,
				.wait_ms = question->policy->wait_time_ms,
				.ask_drm = true};
}

bool verdict_stops_display(const struct snapshot *snapshot, const struct holder *holder,
			   const struct device_policy *policy)
{
	return policy->display == DISPLAY_STOP ||
	       (holder->prompts && !snapshot->other_card && !policy->display_set);
}

/* Would a service end with the display manager (a server of remote screens) that nobody named? */
static bool takes_services(const struct snapshot *snapshot)
{
	const struct unit *unit = snapshot->display_manager
					  ? snapshot_unit(snapshot, snapshot->display_manager)
					  : NULL;

	for (char **with = unit ? unit->stops_with : NULL; with && *with; with++)
		if (!text_ends(*with, ".socket"))
			return true;
	return false;
}

/*
 * Nobody is logged in: a prompt that no other card shows ends without a loss, as nobody would see
 * it. Any other stays where it is seen, and lets go of this card, or is the host's only prompt.
 */
static struct verdict of_prompt(const struct verdict_question *question, bool is_nvidia)
{
	const struct device_policy *policy = question->policy;

	if (policy->display == DISPLAY_STOP)
		return of_stopped_display(question);
	if (policy->display_set && policy->display == DISPLAY_REFUSE)
		return refuse(REASON_DISPLAY_PROMPT);
	if (verdict_stops_display(question->snapshot, question->holder, policy))
		return takes_services(question->snapshot) ? refuse(REASON_DISPLAY_PROMPT)
							  : of_stopped_display(question);
	if (is_nvidia || question->holder->keeps_cards)
		return refuse(REASON_DISPLAY_PROMPT);
	return of_asked_display(question);
}

static struct verdict of_display(const struct verdict_question *question)
{
	bool is_nvidia = module_name_equal(question->device->bound.driver, "nvidia");

	if (question->holder->prompts)
		return of_prompt(question, is_nvidia);
	switch (question->policy->display) {
	case DISPLAY_RELEASE:
		return is_nvidia ? refuse(REASON_DISPLAY_NVIDIA) : of_asked_display(question);
	case DISPLAY_STOP:
		return of_stopped_display(question);
	case DISPLAY_REFUSE:
		break;
	}
	return refuse(is_nvidia ? REASON_DISPLAY_NVIDIA : REASON_DISPLAY);
}

/* A boot splash ends when the host has booted; one that lasts is told to, and nobody's work ends.
 */
static struct verdict of_splash(const struct verdict_question *question)
{
	struct verdict verdict = wait_for(question);

	if (question->policy->processes == PROCESSES_TERMINATE ||
	    question->policy->processes == PROCESSES_KILL)
		verdict.action = HOLDER_TERMINATE;
	return verdict;
}

/* --- programs and services --- */

/*
 * Sound servers hold every card of the machine, and let go of one when udev says that it is gone.
 * Whoever takes no notice of that has lost nothing.
 */
static struct verdict asked_first(const struct verdict_question *question, struct verdict verdict)
{
	if (!question->held.only_sound || verdict.action == HOLDER_REFUSE)
		return verdict;
	verdict.ask_sound = true;
	if (verdict.wait_ms < SOUND_RELEASE_MS && verdict.action == HOLDER_TERMINATE)
		verdict.wait_ms = SOUND_RELEASE_MS;
	return verdict;
}

static struct verdict of_process(const struct verdict_question *question)
{
	const struct holder *holder = question->holder;

	/* A protected program stays protected in a container, whatever the policy says. */
	if (holder->reason && (question->policy->processes == PROCESSES_TERMINATE ||
			       question->policy->processes == PROCESSES_KILL))
		return refuse(REASON_PROTECTED);
	switch (question->policy->processes) {
	case PROCESSES_WAIT:
		return asked_first(question, wait_for(question));
	case PROCESSES_TERMINATE:
		/* What somebody has not saved is worth more than this start of a guest. */
		return asked_first(question, (struct verdict){.action = HOLDER_TERMINATE,
							      .spare = question->held.only_render &&
								       holder->logged_in});
	case PROCESSES_KILL:
		return asked_first(question, (struct verdict){.action = HOLDER_TERMINATE});
	case PROCESSES_REFUSE:
		break;
	}
	return refuse(REASON_PROCESSES);
}

static struct verdict of_unit(const struct verdict_question *question)
{
	const struct holder *holder = question->holder;
	auto_free char *name = unit_target(holder->manager, holder->unit);
	const struct unit *unit = snapshot_unit(question->snapshot, name);

	if (unit && unit_may_stop(unit))
		return (struct verdict){.action = HOLDER_STOP_UNIT, .unit = unit};
	return (struct verdict){.action = HOLDER_REFUSE, .reason = REASON_UNIT, .unit = unit};
}

/* To stop a sound server's unit would silence the other cards, and its socket would start it again.
 */
static bool is_asked(const struct verdict_question *question)
{
	return question->held.only_sound &&
	       (question->holder->role == HOLDER_USER_SERVICE || question->holder->follows_udev);
}

static struct verdict of_service(const struct verdict_question *question)
{
	const struct verdict terminate = {.action = HOLDER_TERMINATE};

	switch (question->policy->services) {
	case SERVICES_WAIT:
		return asked_first(question, wait_for(question));
	case SERVICES_TERMINATE:
		return asked_first(question, terminate);
	case SERVICES_STOP_UNIT:
		return is_asked(question) ? asked_first(question, terminate) : of_unit(question);
	case SERVICES_REFUSE:
		break;
	}
	return refuse(REASON_SERVICES);
}

/* Its manager would start it again at once, unless somebody knows better about this very device. */
static struct verdict of_container(const struct verdict_question *question)
{
	if (question->policy->processes_set || question->policy->processes == PROCESSES_WAIT)
		return of_process(question);
	return refuse(REASON_CONTAINER);
}

/* Udev looks at what has just appeared, and is done with it in a moment. */
static bool is_udev(const struct holder *holder)
{
	/* Anybody may call a program so. */
	return holder->uid == 0 && (text_equal(holder->unit, "systemd-udevd.service") ||
				    text_equal(holder->command, "systemd-udevd") ||
				    text_equal(holder->command, "(udev-worker)") ||
				    text_equal(holder->command, "udevd"));
}

static struct verdict of_protected(const struct verdict_question *question)
{
	return is_udev(question->holder) ? wait_for(question) : refuse(REASON_PROTECTED);
}

static struct verdict of_role(const struct verdict_question *question)
{
	switch (question->holder->role) {
	case HOLDER_GUEST:
		return refuse(REASON_GUEST);
	case HOLDER_PROTECTED:
		return of_protected(question);
	case HOLDER_DISPLAY:
	case HOLDER_LOGIND:
		return of_display(question);
	case HOLDER_SPLASH:
		return of_splash(question);
	case HOLDER_CONTAINER:
		return of_container(question);
	case HOLDER_SERVICE:
	case HOLDER_USER_SERVICE:
		return of_service(question);
	default:
		return of_process(question);
	}
}

/* --- what overrides the role --- */

static bool is_service(const struct holder *holder)
{
	return holder->role == HOLDER_SERVICE || holder->role == HOLDER_USER_SERVICE;
}

/* Has somebody said what becomes of such holders of this very device? */
static bool is_settled(const struct verdict_question *question)
{
	switch (question->holder->role) {
	case HOLDER_SERVICE:
	case HOLDER_USER_SERVICE:
		return question->policy->services_set;
	case HOLDER_PROCESS:
	case HOLDER_SPLASH:
	case HOLDER_CONTAINER:
		return question->policy->processes_set;
	default:
		return false;
	}
}

/*
 * A disk that is open is in use, whoever it is: a mounted file system is nothing else to the one
 * who loses it. What only asks disks for their health loses nothing.
 */
static struct verdict of_storage(const struct verdict_question *question)
{
	const struct holder *holder = question->holder;

	if (holder->role == HOLDER_GUEST || holder->role == HOLDER_PROTECTED)
		return of_role(question);
	if (holder->role == HOLDER_DISPLAY || holder->role == HOLDER_LOGIND)
		return refuse(REASON_PROTECTED);
	if (is_settled(question))
		return is_service(holder) ? of_service(question) : of_process(question);
	if (holder->watches_disks)
		return of_role(question);
	return (struct verdict){.action = HOLDER_REFUSE,
				.reason = REASON_STORAGE,
				.of_service = is_service(holder)};
}

/* What is plugged in and out every day: whoever has it open copes, but for a guest. */
static struct verdict of_plug(const struct verdict_question *question)
{
	if (question->holder->role == HOLDER_GUEST || is_settled(question))
		return of_role(question);
	return leave(REASON_UNPLUG);
}

static bool is_unpluggable(const struct device *device)
{
	return !device_class_needs_proof(device->class_code);
}

static struct verdict answer(const struct verdict_question *question)
{
	const struct holder *holder = question->holder;

	if (node_is_vfio(question->held.node))
		return refuse(holder->role == HOLDER_GUEST ? REASON_GUEST : REASON_VFIO);
	if (question->held.node->shared)
		return leave(REASON_SHARED);
	if (question->held.storage &&
	    !(is_unpluggable(question->device) && (is_udev(holder) || holder->watches_disks)))
		return of_storage(question);
	return is_unpluggable(question->device) ? of_plug(question) : of_role(question);
}

struct verdict verdict_of(const struct snapshot *snapshot, const struct holder *holder,
			  const struct device *device, const struct device_policy *policy)
{
	struct verdict_question question = {.snapshot = snapshot,
					    .holder = holder,
					    .device = device,
					    .policy = policy,
					    .held = held_of(snapshot, holder, device)};
	struct verdict verdict;

	if (!question.held.node)
		return leave(REASON_NONE);
	verdict = answer(&question);
	verdict.node = question.held.storage ? question.held.storage : question.held.node;
	return verdict;
}

const char *holder_action_name(enum holder_action action)
{
	static const char *const names[] = {
		[HOLDER_REFUSE] = "refuse",       [HOLDER_WAIT] = "wait",
		[HOLDER_RELEASE] = "release",     [HOLDER_STOP_UNIT] = "stop-unit",
		[HOLDER_TERMINATE] = "terminate", [HOLDER_LEAVE] = "leave",
	};

	return names[action];
}
