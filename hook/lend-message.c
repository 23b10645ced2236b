// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a user reads of a lending that did not come about.
 */
#include "hook/lend-message.h"

#include "base/cleanup.h"
#include "model/cell.h"
#include "parsers/names.h"

void lend_tell_refusals(const struct plan *plan, struct snapshot *snapshot, struct text *message)
{
	names_fill(snapshot);
	for (size_t i = 0; i < plan->refusal_count; i++) {
		if (i > 0)
			text_printf(message, "\nhostdev-hook: also: ");
		refusal_format(&plan->refusals[i], snapshot, message);
	}
}

/* The device that a step's target speaks of: an address, or the first of a holder's. */
static const struct device *device_of_target(const struct snapshot *snapshot, const char *target)
{
	struct hold_target holders;
	struct pci_addr addr;

	if (pci_addr_parse(target, &addr))
		return snapshot_device(snapshot, &addr);
	if (hold_target_parse(target, &holders))
		return snapshot_device(snapshot, &holders.addrs[0]);
	return NULL;
}

/* The step's own reason says who it is in full: user, session, unit. */
static void tell_process(const struct step *failed, const struct error *failure,
			 struct text *message)
{
	struct hold_value value = {0};

	text_printf(message, "held by %s, ", failed->why);
	if (hold_value_parse(failed->after, &value) && !value.has_grace)
		text_printf(message, "which did not let go within %u s (%s)", value.wait_ms / 1000,
			    failure->text);
	else
		text_printf(message, "which could not be ended: %s", failure->text);
}

void lend_tell_failure(const struct step *failed, struct snapshot *snapshot,
		       const struct error *failure, struct text *message)
{
	const struct device *device;

	names_fill(snapshot);
	device = failed ? device_of_target(snapshot, failed->target) : NULL;
	if (device)
		text_printf(message, "%s: ", LABEL(device));
	if (failed && failed->kind == STEP_PROCESS)
		tell_process(failed, failure, message);
	else if (failed && failed->kind == STEP_HOLDERS)
		text_printf(message, "somebody holds it still or again: %s", failure->text);
	else
		text_printf(message, "%s", failure->text);
}

/* Was it signalled, and is it gone? One that let go by itself, when it was asked to, is not. */
static bool was_ended(const struct host *host, const struct step *step, enum journal_mark mark)
{
	struct hold_target target;
	struct hold_value value;

	return step->kind == STEP_PROCESS && mark != MARK_PLANNED && mark != MARK_SKIPPED &&
	       hold_value_parse(step->after, &value) && value.has_grace &&
	       hold_target_parse(step->target, &target) &&
	       !host_exists(host, HOST_PROC, "%d", target.pid);
}

/* What cannot be put back must not be called unchanged. */
static void tell_ended(const struct execution *execution, struct text *message)
{
	const struct journal *journal = &execution->journal;
	const char *before = "; ended, and not to be brought back: ";

	for (size_t i = 0; i < journal->step_count; i++) {
		if (!was_ended(execution->host, &journal->steps[i], journal->marks[i]))
			continue;
		text_printf(message, "%s%s", before, journal->steps[i].why);
		before = ", ";
	}
}

void lend_tell_undone(const struct execution *execution, struct text *message)
{
	auto_text struct text ended = TEXT_INIT;

	tell_ended(execution, &ended);
	if (ended.length > 0)
		text_printf(message, "; every setting is back as it was%s.", ended.data);
	else
		text_printf(message, "; everything is back as it was, so in the end nothing was "
				     "changed.");
	text_printf(message, " Each step is in the log: journalctl -t hostdev-hook.");
}
