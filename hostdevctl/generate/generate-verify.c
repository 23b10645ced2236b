// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl generate verify: what this boot has made of the set-up, and whether its files are as
 * it has written them. Tests: generator/previews.bats.
 */
#include <stdio.h>
#include <string.h>

#include "actions/setup/apply-entries.h"
#include "actions/setup/apply.h"
#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "hostdevctl/output/json.h"
#include "model/grub-default.h"
#include "model/grub-menu.h"

void generate_find_files(const struct generate_host *host, const struct setup *setup,
			 struct findings *findings)
{
	for (size_t i = 0; i < setup->step_count; i++) {
		const struct step *step = &setup->steps[i];
		struct error err = ERROR_INIT;
		char now[CELL_VALUE_SIZE];

		if (step->kind != STEP_FILE || !journal_mark_is_unsettled(setup->marks[i]))
			continue;
		if (apply_read_file(&host->host, step->target, now, &err) < 0)
			findings_add(findings, FIND_SETUP_FILE_UNREADABLE, FINDING_PROBLEM,
				     step->target, "%s", err.text);
		else if (!step_value_equal(STEP_FILE, now, step->after))
			findings_add(findings, FIND_SETUP_FILE_CHANGED, FINDING_PROBLEM,
				     step->target, "somebody has %s it since it was written",
				     strcmp(now, "absent") == 0 ? "removed" : "changed");
	}
}

static bool setup_changes_menu(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_BUILD &&
		    text_starts(setup->steps[i].target, "menu:"))
			return true;
	return false;
}

/* The way back to a host that has all its devices is an entry that is not ours. */
static void check_others(const struct generate_host *host, const struct text *menu,
			 struct findings *findings)
{
	for (size_t i = 0; i < host->boot.kernel_count; i++)
		if (!grub_menu_starts(menu, host->boot.kernels[i].image))
			findings_add(findings, FIND_SETUP_NO_USUAL_ENTRY, FINDING_PROBLEM,
				     host->boot.grub.config,
				     "no usual entry starts kernel %s: write the menu anew (%s)",
				     host->boot.kernels[i].release,
				     host->boot.grub.update ? host->boot.grub.update
							    : "grub-mkconfig");
}

/* Our file comes behind that of the settings: what is set there later has no effect. */
static void check_default(const struct generate_host *host, const struct setup *setup,
			  struct findings *findings)
{
	const char *chosen = host->boot.grub.chosen;

	for (size_t i = 0; i < setup->step_count; i++) {
		const struct step *step = &setup->steps[i];
		auto_content struct host_content file = CONTENT_INIT;

		if (step->kind != STEP_FILE || !text_starts(step->target, "/etc/default/grub.d/") ||
		    host_content_read(&host->host, step->target, &file, NULL) < 0 ||
		    !grub_default_is_overruled(file.bytes.data, chosen))
			continue;
		findings_add(findings, FIND_SETUP_DEFAULT_OVERRULED, FINDING_PROBLEM,
			     "/etc/default/grub",
			     "GRUB_DEFAULT=%s was set there since and does not count, as %s comes "
			     "behind it: make the set-up anew without --default, or put the old "
			     "value back",
			     chosen ? chosen : "", step->target);
	}
}

/* The menu that is there may be older than the files that it is made of. */
static void check_menu(const struct generate_host *host, const struct setup *setup,
		       struct findings *findings)
{
	auto_content struct host_content menu = CONTENT_INIT;
	struct error err = ERROR_INIT;

	if (!host->boot.grub.config || !setup_changes_menu(setup))
		return;
	if (host_content_read(&host->host, host->boot.grub.config, &menu, &err) < 0 ||
	    grub_menu_has_setup(&menu.bytes, setup, &err) < 0)
		findings_add(findings, FIND_SETUP_MENU_STALE, FINDING_PROBLEM,
			     host->boot.grub.config, "%s", err.text);
	else
		findings_add(findings, FIND_SETUP_MENU_GOOD, FINDING_OK, host->boot.grub.config,
			     "it has what the set-up has put there");
	check_others(host, &menu.bytes, findings);
}

/* Entries that kernel-install writes. */
static void check_entries(const struct generate_host *host, const struct setup *setup,
			  struct findings *findings)
{
	for (size_t i = 0; i < setup->step_count; i++) {
		const struct step *step = &setup->steps[i];
		struct error err = ERROR_INIT;

		if (step->kind != STEP_BUILD || !text_starts(step->target, "entries:") ||
		    strcmp(step->after, "built") != 0)
			continue;
		if (entries_verify(&host->host, setup, strchr(step->target, ':') + 1, &err) < 0)
			findings_add(findings, FIND_SETUP_ENTRIES_STALE, FINDING_PROBLEM, "entries",
				     "%s: run kernel-install for its kernel", err.text);
		else
			findings_add(findings, FIND_SETUP_ENTRIES_GOOD, FINDING_OK, "entries",
				     "each kernel's have what the set-up has put there");
	}
}

static void print_findings(const struct findings *findings, bool quiet)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		if (!quiet || finding->status == FINDING_PROBLEM)
			printf("%-8s %s: %s\n", finding_status_name(finding->status),
			       finding->subject, finding->note);
	}
}

static void print_json(const struct findings *findings)
{
	auto_text struct text out = TEXT_INIT;

	text_printf(&out, JSON_OPENING "\"findings\": [");
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		text_printf(&out, "%s\n      {", i > 0 ? "," : "");
		json_member("status", finding_status_name(finding->status), ", ", &out);
		json_member("id", finding_id_name(finding->id), ", ", &out);
		json_member("subject", finding->subject, ", ", &out);
		json_member("note", finding->note, "}", &out);
	}
	text_printf(&out, "%s]\n}\n", findings->count > 0 ? "\n   " : "");
	fputs(out.data, stdout);
}

/* Of the kernel that runs. */
static const char *kernel_of(const struct generate_host *host)
{
	const char *kernel = host->facts.snapshot->kernel;

	return kernel ? kernel : "unknown";
}

/* What was right under another kernel is a hint at what has changed. */
static void tell_last(const struct generate_host *host, struct findings *findings)
{
	auto_free char *last = setups_read_verified(&host->setups);

	if (findings_count(findings, FINDING_PROBLEM) == 0)
		setups_write_verified(&host->setups, kernel_of(host));
	else if (last && strcmp(last, kernel_of(host)) != 0)
		findings_add(findings, FIND_SETUP_KERNEL_CHANGED, FINDING_NOTE, "kernel",
			     "everything was last as promised under kernel %s; this one is %s",
			     last, kernel_of(host));
}

static void look(const struct generate_host *host, const struct setup *setup,
		 struct findings *findings)
{
	auto_promise struct promise promise = {0};

	promise_of_boot(setup, host->boot.cmdline ? host->boot.cmdline : "", &promise);
	promise_check(setup, &promise, host->facts.snapshot, findings);
	generate_find_causes(host, &promise, findings);
	generate_find_files(host, setup, findings);
	check_menu(host, setup, findings);
	check_default(host, setup, findings);
	check_entries(host, setup, findings);
}

bool generate_find_leftovers(const struct generate_host *host, struct findings *findings)
{
	cleanup(generate_plan_done) struct generate_plan left = {0};
	auto_text struct text told = TEXT_INIT;

	generate_leftovers_find(host, &left);
	if (left.change_count == 0)
		return false;
	generate_leftovers_tell(&left, &told);
	findings_add(findings, FIND_SETUP_LEFTOVERS, FINDING_PROBLEM, "record", "%s", told.data);
	return true;
}

void generate_find(const struct generate_host *host, struct findings *findings)
{
	bool is_left;

	if (host->setups.unreadable)
		findings_add(findings, FIND_SETUP_UNREADABLE, FINDING_PROBLEM, "record", "%s",
			     host->setups.unreadable);
	if (setups_unfinished(&host->setups))
		findings_add(findings, FIND_SETUP_UNFINISHED, FINDING_PROBLEM, "record",
			     "a set-up was stopped before it was done: hostdevctl generate undo "
			     "--apply");
	is_left = generate_find_leftovers(host, findings);
	if (host->facts.past)
		look(host, host->facts.past, findings);
	else if (!is_left)
		findings_add(findings, FIND_SETUP_NONE, FINDING_OK, "record",
			     "no set-up is applied");
}

int generate_verify(const struct generate_options *options, struct generate_host *host)
{
	cleanup(findings_done) struct findings findings = FINDINGS_INIT;
	struct error err = ERROR_INIT;

	if (generate_host_look(host, &err) < 0)
		return command_fail(&err);
	generate_find(host, &findings);
	if (host->facts.past)
		tell_last(host, &findings);
	if (options->json)
		print_json(&findings);
	else
		print_findings(&findings, options->quiet);
	return findings_count(&findings, FINDING_PROBLEM) > 0 ? COMMAND_FAILED : COMMAND_DONE;
}
