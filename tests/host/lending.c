// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way from a guest to a lent machine and back, for tests: what the hook calls, in its order.
 */
#include "tests/host/lending.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/execution-run.h"
#include "model/planner.h"
#include "parsers/situation.h"
#include "state/journal-file.h"
#include "state/journals.h"
#include "tests/host/tree.h"

#define JOURNAL_PATH "run/" STATE_DIR "/" TEST_UUID JOURNAL_SUFFIX

static struct text notes;

static void note_event(void *data, const struct step_event *event)
{
	(void)data;
	if (event->note)
		text_printf(&notes, "%s %s %s: %s\n", event->undo ? "undo" : "do",
			    step_kind_name(event->step->kind), event->step->target, event->note);
}

char *lending_notes(void)
{
	char *taken;

	text_append(&notes, "", 0);
	taken = steal(&notes.data);
	text_done(&notes);
	return taken;
}

int lending_plan(struct testhost *host, const struct guest *guest, struct snapshot *snapshot,
		 struct plan *plan, struct error *err)
{
	cleanup(situation_done) struct situation situation = {0};
	int ret = situation_read(&host->host, guest, &situation, err);

	if (ret < 0)
		return ret;
	planner_lend(guest, &situation.snapshot, &situation.policy, plan);
	*snapshot = situation.snapshot;
	situation.snapshot = (struct snapshot){0};
	return 0;
}

static int journal_for(const struct testhost *host, const struct guest *guest, struct plan *plan,
		       struct journal *ret, struct error *err)
{
	struct journal journal = {
		.limits = LIMITS_INIT,
		.guest = xstrdup(guest->name),
		.claims = steal(&plan->claims),
		.claim_count = plan->claim_count,
		.steps = steal(&plan->steps),
		.step_count = plan->step_count,
		.marks = xcalloc(plan->step_count, sizeof(*journal.marks)),
		.workers = xcalloc(plan->step_count, sizeof(*journal.workers)),
	};

	plan->claim_count = plan->step_count = 0;
	memcpy(journal.uuid, guest->uuid, sizeof(journal.uuid));
	*ret = journal;
	return host_boot_id(&host->host, ret->boot_id, err);
}

static int undo(struct execution *execution, struct error *err)
{
	int ret = execution_undo(execution, err);

	return ret < 0 ? ret : execution_finish(execution, err);
}

int lending_lend(struct testhost *host, const struct guest *guest, struct error *err)
{
	cleanup(execution_done) struct execution execution = {0};
	auto_snapshot struct snapshot snapshot = {0};
	auto_journal struct journal journal = {0};
	auto_plan struct plan plan = {0};
	int ret = lending_plan(host, guest, &snapshot, &plan, err);

	if (ret == 0 && plan.refusal_count > 0)
		ret = error_set(err, EPERM, "refused");
	if (ret == 0)
		ret = journal_for(host, guest, &plan, &journal, err);
	if (ret < 0)
		return ret;
	tree_dir(host->root_fd, "run/" STATE_DIR);
	ret = execution_create(&execution, &host->host, &journal, err);
	if (ret < 0)
		return ret;
	execution.report = note_event;
	ret = execution_run(&execution, err);
	if (ret == 0)
		ret = journal_file_append(execution.journal_fd, "lent\n", strlen("lent\n"), err);
	if (ret < 0)
		undo(&execution, NULL);
	return ret;
}

int lending_return(struct testhost *host, struct error *err)
{
	cleanup(execution_done) struct execution execution = {0};
	auto_journal struct journal journal = {0};
	int ret = journal_read(&host->host, TEST_UUID, &journal, err);

	if (ret == -ENOENT)
		return 0;
	if (ret == 0)
		ret = execution_resume(&execution, &host->host, &journal, err);
	if (ret < 0)
		return ret;
	execution.report = note_event;
	return undo(&execution, err);
}

static int lend_work(struct testhost *host, void *data)
{
	return lending_lend(host, data, NULL) < 0;
}

static int return_work(struct testhost *host, void *data)
{
	(void)data;
	return lending_return(host, NULL) < 0;
}

int lending_lend_process(struct testhost *host, const struct guest *guest)
{
	struct guest copy = *guest;

	return testhost_process(host, lend_work, &copy);
}

int lending_return_process(struct testhost *host)
{
	return testhost_process(host, return_work, NULL);
}

static void name_devices(struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; name && i < snapshot->device_count; i++) {
		free(snapshot->devices[i].name);
		snapshot->devices[i].name = xstrdup(name);
	}
	for (size_t i = 0; name && i < snapshot->pins.count; i++) {
		struct pin *pin = &snapshot->pins.items[i];

		snprintf(pin->name, sizeof(pin->name), "%s", name);
		snprintf(pin->board, sizeof(pin->board), "%s", name);
	}
}

char *lending_plan_text(struct testhost *host, const struct guest *guest)
{
	return lending_plan_text_named(host, guest, NULL);
}

char *lending_plan_text_named(struct testhost *host, const struct guest *guest, const char *name)
{
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;

	if (lending_plan(host, guest, &snapshot, &plan, &err) < 0)
		return xasprintf("error: %s\n", err.text);
	name_devices(&snapshot, name);
	text_append(&out, "", 0);
	if (plan.refusal_count > 0) {
		text_printf(&out, REFUSAL_OPENING, guest->name);
		plan_format_refusals(&plan, guest->name, &snapshot, &out);
	}
	for (size_t i = 1; i < plan.refusal_count; i++) {
		text_printf(&out, "\n" REFUSAL_OPENING, guest->name);
		refusal_format(&plan.refusals[i], guest->name, &snapshot, &out);
	}
	plan_format(&plan, true, &out);
	return out.data;
}

char *lending_journal(const struct testhost *host)
{
	char *text = tree_read(host->root_fd, JOURNAL_PATH);
	char *whole = text ? xasprintf("%s\n", text) : NULL;

	free(text);
	return whole;
}
