// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a user reads of a lending that did not come about. Tests: hook/test-engine-losses.c.
 */
#include "session/lend-message.h"

#include <errno.h>
#include <string.h>

#include "actions/job.h"
#include "actions/shared.h"
#include "base/cleanup.h"
#include "model/cell.h"
#include "model/refusal.h"
#include "parsers/pci/names.h"
#include "scan/process.h"

void lend_tell_refusals(const struct plan *plan, const char *guest, struct snapshot *snapshot,
			struct text *message)
{
	names_fill(snapshot);
	plan_format_refusals(plan, guest, snapshot, message);
	/* Whoever prints it ends the line. */
	message->data[--message->length] = '\0';
}

void lend_tell_all_refusals(const struct plan *plan, const char *guest, struct snapshot *snapshot,
			    struct text *message)
{
	names_fill(snapshot);
	for (size_t i = 0; i < plan->refusal_count; i++)
		refusal_format(&plan->refusals[i], guest, snapshot, message);
	text_printf(message, "Nothing was changed.");
}

/*
 * Many messages begin with the address of the device that they are about: that device, and the text
 * behind its address. NULL: this one does not, and *ret_rest is left as it is.
 */
static const struct device *device_of_text(const struct snapshot *snapshot, const char *text,
					   const char **ret_rest)
{
	size_t length = strcspn(text, " ");
	const struct device *device;
	auto_free char *word = NULL;
	struct pci_addr addr;

	if (length > 0 && text[length - 1] == ':')
		length--;
	word = xasprintf("%.*s", (int)length, text);
	if (!pci_addr_parse(word, &addr))
		return NULL;
	device = snapshot_device(snapshot, &addr);
	if (device)
		*ret_rest = text + length;
	return device;
}

/* The device that a step's target speaks of: an address, or the first of a holder's. */
static const struct device *device_of_target(const struct snapshot *snapshot, const char *target)
{
	struct gate_target holders;
	struct pci_addr addr;

	if (pci_addr_parse(target, &addr))
		return snapshot_device(snapshot, &addr);
	if (gate_target_parse(target, &holders))
		return snapshot_device(snapshot, &holders.addrs[0]);
	return NULL;
}

/* For this device alone where it has a policy of its own, which stands above the guest's. */
static void tell_setting(const struct policy *policy, const struct device *device,
			 const char *guest, struct text *message)
{
	bool own = policy_of_device(policy, &device->addr).processes_set;
	auto_free char *setting = xasprintf("%s%s%sprocesses=kill", own ? "--device " : "",
					    own ? ADDR(&device->addr) : "", own ? " " : "");

	refusal_format_setting(setting, guest, message);
}

/* The step's own reason says who it is in full: user, session, unit. */
static void tell_process(const struct lend_failure *failure, const struct device *device,
			 struct text *message)
{
	const struct step *step = failure->step;
	struct gate_value value = {0};

	text_printf(message, "%s is used by %s", LABEL(device), step->why);
	if (!gate_value_parse(step->after, &value) || failure->error->code != EBUSY) {
		text_printf(message, ": %s.\n", failure->error->text);
	} else if (!value.has_grace) {
		text_printf(message, ".\nIt did not let go within %u s: %s.\n",
			    value.wait_ms / 1000, failure->error->text);
	} else if (!value.spare) {
		text_printf(message, ".\nIt could not be ended: %s.\n", failure->error->text);
	} else {
		text_printf(message,
			    ".\nIt was asked to end: %s. Its work may not be saved, so it is not "
			    "killed. Save it, and end the program.\n",
			    failure->error->text);
		tell_setting(failure->policy, device, failure->guest, message);
	}
}

void lend_tell_failure(const struct lend_failure *failure, struct snapshot *snapshot,
		       struct text *message)
{
	const struct step *step = failure->step;
	const struct device *device, *meant;
	const char *text = failure->error->text;

	names_fill(snapshot);
	device = step ? device_of_target(snapshot, step->target) : NULL;
	if (device && step->kind == STEP_PROCESS) {
		tell_process(failure, device, message);
		return;
	}
	meant = device ? device_of_text(snapshot, text, &text) : NULL;
	if (meant)
		text_printf(message, "%s%s.\n", LABEL(meant), text);
	else
		text_printf(message, "%s%s%s.\n", device ? LABEL(device) : "", device ? ": " : "",
			    text);
}

/* One that only waits for its parent to take note has ended, too. */
static bool is_gone(const struct host *host, const struct gate_target *target)
{
	auto_close int process = process_open(host, target->pid);
	struct process_stat stat;

	return process < 0 || process_stat(process, &stat) < 0 ||
	       stat.start_time != target->start_time ||
	       (strchr("ZX", stat.state) && stat.threads <= 1);
}

/* Was it signalled, and is it gone? One that let go by itself, when it was asked to, is not. */
static bool was_ended(const struct host *host, const struct step *step)
{
	struct gate_target target;
	struct gate_value value;

	return step->kind == STEP_PROCESS && gate_value_parse(step->after, &value) &&
	       value.has_grace && gate_target_parse(step->target, &target) &&
	       is_gone(host, &target);
}

/* One whose stop took longer than we wait for it is being stopped all the same. */
static bool was_stopped(const struct execution *execution, size_t index)
{
	const struct step *step = &execution->journal.steps[index];
	char now[CELL_VALUE_SIZE];

	switch (execution->journal.marks[index]) {
	case MARK_DONE:
		return true;
	case MARK_BEGUN:
	case MARK_IN_FLIGHT:
		return job_read(execution, index, now, NULL) < 0 ||
		       !step_value_equal(step->kind, now, step->before);
	default:
		return false;
	}
}

/* A unit that does not come back now, as the run of another guest needs it stopped, too. */
static bool tell_needed(const struct execution *execution, size_t index, struct text *out)
{
	const struct step *step = &execution->journal.steps[index];
	auto_free char *guest = NULL, *name = NULL;

	if (shared_needed(execution, index, &guest, NULL) < 0 || !guest)
		return false;
	name = text_escape(guest);
	text_printf(out, "; %s stays stopped for guest %s", step->target, name);
	return true;
}

void lend_tell_losses(const struct execution *execution, struct text *out)
{
	const struct journal *journal = &execution->journal;
	const char *ended = "; ended, and not to be brought back: ";
	const char *stopped = "; stopped in between, with all that it did: ";

	for (size_t i = 0; i < journal->step_count; i++) {
		if ((journal->marks[i] != MARK_BEGUN && journal->marks[i] != MARK_DONE) ||
		    !was_ended(execution->host, &journal->steps[i]))
			continue;
		text_printf(out, "%s%s", ended, journal->steps[i].why);
		ended = ", ";
	}
	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->steps[i].kind != STEP_UNIT || !was_stopped(execution, i) ||
		    tell_needed(execution, i, out))
			continue;
		text_printf(out, "%s%s", stopped, journal->steps[i].target);
		stopped = ", ";
	}
}

void lend_tell_undone(const struct text *losses, const struct text *left, struct text *message)
{
	if (losses->length > 0 || left->length > 0)
		text_printf(message, "Every setting is back as it was%s%s.", left->data,
			    losses->data);
	else
		text_printf(message, "Everything is back as it was, so in the end nothing was "
				     "changed.");
	text_printf(message, " Each step is in the log: journalctl -t hostdev-hook.");
}

void lend_tell_kept_back(const struct execution *execution, struct text *out)
{
	const struct journal *journal = &execution->journal;
	const char *kept = "; stopped until then: ";

	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->steps[i].kind != STEP_UNIT || execution->stuck[i] ||
		    !journal_mark_is_unsettled(journal->marks[i]))
			continue;
		text_printf(out, "%s%s", kept, journal->steps[i].target);
		kept = ", ";
	}
}
