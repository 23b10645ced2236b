// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a plan becomes an answer: what of the snapshot people need to know beside its steps. What
 * the policy allows though the host loses by it, what goes with a device, and what no return brings
 * back.
 */
#include "hostdevctl/answer/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/keyboards.h"

static void lines_done(struct answer_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i]);
	free(lines->items);
}

void answer_done(struct answer *answer)
{
	for (size_t i = 0; i < answer->device_count; i++)
		free(answer->devices[i].why);
	for (size_t i = 0; i < answer->unit_count; i++)
		free(answer->units[i].user);
	for (size_t i = 0; i < answer->delay_count; i++)
		free(answer->delays[i].what);
	lines_done(&answer->changes);
	lines_done(&answer->allowed);
	lines_done(&answer->irreversible);
	lines_done(&answer->notes);
	free(answer->devices);
	free(answer->units);
	free(answer->processes);
	free(answer->delays);
	memset(answer, 0, sizeof(*answer));
}

void answer_lines_add(struct answer_lines *lines, char *sentence)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strcmp(lines->items[i], sentence) == 0) {
			free(sentence);
			return;
		}
	}
	array_push(lines->items, lines->count, sentence);
}

const char *answer_verdict_name(enum answer_verdict verdict)
{
	switch (verdict) {
	case ANSWER_YES:
		return "start";
	case ANSWER_NO:
		return "refuse";
	case ANSWER_HAS:
		return "running";
	case ANSWER_NOTHING:
		return "nothing";
	}
	return "?";
}

bool answer_process_ends(const struct answer_process *process)
{
	return process->value.has_grace;
}

void answer_process_format(const struct answer_process *process, struct text *out)
{
	if (process->holder)
		holder_format_short(process->holder, out);
	else
		text_printf(out, "process %d", (int)process->pid);
}

/* --- what the host loses --- */

bool answer_takes(const struct answer *answer, const struct pci_addr *addr)
{
	for (size_t i = 0; i < answer->device_count; i++)
		if (!answer->devices[i].left && pci_addr_equal(&answer->devices[i].addr, addr))
			return true;
	return false;
}

/* "0000:00:02.0 is the processor's own graphics", "0000:02:00.0: eth0 carries the default route" */
static char *allowed_use(const struct use *use)
{
	const char *what = use->what ? use->what : "", *how = use->how ? use->how : "";

	return xasprintf("%s%s%s%s%s. %s (allow = %s).", ADDR(&use->addr),
			 !*what && text_starts(how, "is ") ? " " : ": ", what,
			 *what && *how ? " " : "", how, refusal_use_words(use->kind).loss,
			 use_allow_name(use->kind));
}

/* No refusal came of these uses: they are in the plan only by what it does not say. */
static void add_allowed(struct answer *answer, const struct policy *policy)
{
	for (size_t i = 0; i < answer->snapshot->use_count; i++) {
		const struct use *use = &answer->snapshot->uses[i];
		struct device_policy of_device = policy_of_device(policy, &use->addr);

		if (use_allow_name(use->kind) && (of_device.allow & 1u << use->kind) &&
		    !plan_tells(answer->plan, &use->addr) && answer_takes(answer, &use->addr))
			answer_lines_add(&answer->allowed, allowed_use(use));
	}
}

static enum keyboard_fate fate_of(const void *data, const struct keyboard *keyboard)
{
	return keyboard->has_addr && answer_takes(data, &keyboard->addr) ? KEYBOARD_GOES
									 : KEYBOARD_STAYS;
}

/* That a keyboard is the only one is a matter of all keyboards, so no use tells of it. */
static void add_allowed_keyboards(struct answer *answer, const struct policy *policy)
{
	const struct snapshot *snapshot = answer->snapshot;

	if (keyboards_lost(snapshot, fate_of, answer) == KEYBOARD_NEVER)
		return;
	for (size_t i = 0; i < snapshot->keyboard_count; i++) {
		const struct keyboard *keyboard = &snapshot->keyboards[i];
		auto_free char *what = xasprintf("\"%s\"", keyboard->name);
		struct use use = {.addr = keyboard->addr,
				  .kind = USE_KEYBOARD,
				  .what = what,
				  .how = (char *)"is plugged in there"};

		if (keyboard->grade != KEYBOARD_NEVER &&
		    fate_of(answer, keyboard) == KEYBOARD_GOES &&
		    policy_of_device(policy, &use.addr).allow & 1u << USE_KEYBOARD)
			answer_lines_add(&answer->allowed, allowed_use(&use));
	}
}

static void add_carried(struct answer *answer, const struct carried *carried)
{
	auto_free char *carrier = xstrdup(ADDR(&carried->carrier));

	/* Bridges only lead to what people know. */
	if (!answer_takes(answer, &carried->carrier) || carried->class_code >> 8 == 0x0604)
		return;
	if (carried->kind == CARRIED_FUNCTION)
		answer_lines_add(&answer->changes,
				 xasprintf("The device %s (driver %s) is reached through %s, and "
					   "is gone until that is back.",
					   ADDR(&carried->addr),
					   *carried->driver ? carried->driver : "none", carrier));
	else if (carried->kind == CARRIED_USB)
		answer_lines_add(&answer->changes,
				 xasprintf("USB devices that are reached through %s are gone until "
					   "that is back.",
					   carrier));
}

/* What hangs from a device that is taken: it needs no step of its own. */
static void add_gone(struct answer *answer)
{
	const struct snapshot *snapshot = answer->snapshot;

	for (size_t i = 0; i < snapshot->carried_count; i++)
		add_carried(answer, &snapshot->carried[i]);
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (device->is_behind && !device->is_bridge &&
		    answer_takes(answer, &device->behind))
			answer_lines_add(&answer->changes,
					 xasprintf("The device %s is behind %s, and is gone until "
						   "that is back.",
						   ADDR(&device->addr), ADDR(&device->behind)));
	}
}

/* --- what cannot be undone --- */

/* Somebody's session, and not the login screen. */
static bool ends_session(const struct answer_process *process)
{
	const struct holder *holder = process->holder;

	return answer_process_ends(process) && holder && holder->role == HOLDER_DISPLAY &&
	       !holder->prompts;
}

static char *session_end(const struct holder *holder)
{
	return xasprintf("The session of %s ends (%s, process %d), with every program in it. What "
			 "these have not saved is lost.",
			 holder->user ? holder->user : "an unknown user",
			 holder->command ? holder->command : "?", (int)holder->pid);
}

static bool has_session(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		const struct holder *holder = &snapshot->holders[i];

		if ((holder->role == HOLDER_DISPLAY || holder->role == HOLDER_LOGIND) &&
		    !holder->prompts)
			return true;
	}
	return false;
}

/* Those that are seen with the card are told before; a display manager may have more. */
static void add_unit_sessions(struct answer *answer)
{
	bool told = answer->irreversible.count > 0;

	for (size_t i = 0; i < answer->unit_count; i++) {
		const struct answer_unit *unit = &answer->units[i];

		if (!unit->session || unit->already || !has_session(answer->snapshot))
			continue;
		if (told && unit->display)
			answer_lines_add(&answer->irreversible,
					 xasprintf("So does every other session that %s has "
						   "started.",
						   unit->name));
		else if (!told)
			answer_lines_add(&answer->irreversible,
					 xasprintf("Every session that %s has started ends, with "
						   "every program in it. What these have not saved "
						   "is lost.",
						   unit->name));
	}
}

static void add_sessions(struct answer *answer)
{
	for (size_t i = 0; i < answer->process_count; i++)
		if (ends_session(&answer->processes[i]))
			answer_lines_add(&answer->irreversible,
					 session_end(answer->processes[i].holder));
	add_unit_sessions(answer);
}

/* Of the others: a login screen has nothing to save. */
static bool ends_program(const struct answer_process *process)
{
	return answer_process_ends(process) && !ends_session(process) &&
	       !(process->holder && process->holder->prompts);
}

static void add_programs(struct answer *answer)
{
	for (size_t i = 0; i < answer->process_count; i++)
		if (ends_program(&answer->processes[i]))
			answer_lines_add(&answer->irreversible,
					 xstrdup("What the ended programs have not saved is lost, "
						 "and hostdev-hook does not start them again."));
}

/* --- notes --- */

/* A note opens with an address, the name of a program, or "the". */
static char *sentence_of(const char *note)
{
	char *sentence = xasprintf("%s%s", note, text_ends(note, ".") ? "" : ".");

	if (text_starts(sentence, "the "))
		*sentence = 'T';
	return sentence;
}

static void add_notes(struct answer *answer)
{
	for (size_t i = 0; i < answer->plan->note_count; i++)
		answer_lines_add(&answer->notes, sentence_of(answer->plan->notes[i]));
}

/* --- the whole --- */

static enum answer_verdict verdict_of_plan(const struct plan *plan)
{
	if (plan->refusal_count > 0)
		return ANSWER_NO;
	return plan->step_count > 0 ? ANSWER_YES : ANSWER_NOTHING;
}

void answer_make(enum answer_verb verb, const struct plan *plan, const struct guest *guest,
		 const struct snapshot *snapshot, const struct policy *policy, struct answer *ret)
{
	*ret = (struct answer){
		.verb = verb,
		.verdict = verdict_of_plan(plan),
		.guest = guest,
		.title = guest->name,
		.snapshot = snapshot,
		.plan = plan,
	};
	answer_add_devices(ret);
	/* Who is refused wants to know of no other change. */
	if (ret->verdict == ANSWER_NO)
		return;
	answer_add_steps(ret);
	answer_add_delays(ret, &policy->limits);
	add_gone(ret);
	add_allowed(ret, policy);
	add_allowed_keyboards(ret, policy);
	add_sessions(ret);
	add_programs(ret);
	add_notes(ret);
}

void answer_make_has(const struct guest *guest, const struct snapshot *snapshot, pid_t machine,
		     struct answer *ret)
{
	*ret = (struct answer){
		.verdict = ANSWER_HAS,
		.machine = machine,
		.guest = guest,
		.title = guest->name,
		.snapshot = snapshot,
	};
	answer_add_devices(ret);
}
