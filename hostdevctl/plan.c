// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl plan: what the start of a guest would come to on this host, or why it would be
 * refused. With --steps stdout carries the steps themselves, and what people shall know of them as
 * comments ("# ...").
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "hostdevctl/answer/answer.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "model/plan.h"
#include "model/planner.h"
#include "parsers/pci/names.h"
#include "parsers/situation.h"
#include "state/journals.h"

enum plan_form {
	FORM_ANSWER,
	FORM_JSON,
	FORM_STEPS,
};

/* --- the steps --- */

/* Its first line names the program and the guest, the others only go on. */
static void print_refusal(const struct refusal *refusal, const struct guest *guest,
			  const struct snapshot *snapshot)
{
	auto_text struct text lines = TEXT_INIT;
	char *at, *line;

	refusal_format(refusal, guest->name, snapshot, &lines);
	at = lines.data;
	command_note("%s would not be started: %s", guest->name, strsep(&at, "\n"));
	while ((line = strsep(&at, "\n")) && *line)
		fprintf(stderr, "  %s\n", line);
}

/* What it has now: no answer to whether it could start, which nobody can ask of a guest that runs.
 */
static void steps_tell_running(const struct guest *guest, const struct snapshot *snapshot,
			       pid_t machine)
{
	if (machine)
		command_note("%s runs (process %d); what it has now is:", guest->name,
			     (int)machine);
	else
		command_note("%s is lent its devices already; what it has now is:", guest->name);
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct device *device = snapshot_device(snapshot, &guest->hostdevs[i].addr);

		if (device)
			command_note("%s (driver %s)", LABEL(device),
				     *device->bound.driver ? device->bound.driver : "none");
		else
			command_note("not %s: there is no such device",
				     ADDR(&guest->hostdevs[i].addr));
	}
}

/* Returns the exit status. */
static int steps_print(const struct plan *plan, const struct guest *guest,
		       struct snapshot *snapshot)
{
	auto_text struct text steps = TEXT_INIT;

	if (plan->refusal_count > 0)
		names_fill(snapshot);
	for (size_t i = 0; i < plan->refusal_count; i++)
		print_refusal(&plan->refusals[i], guest, snapshot);
	if (plan->refusal_count > 0)
		return COMMAND_FAILED;
	if (guest->hostdev_count == 0)
		command_note("%s: nothing to do: it names no host PCI device", guest->name);
	else if (plan->step_count == 0)
		command_note("%s: nothing to do: its devices are where they must be, or left to "
			     "libvirt",
			     guest->name);
	plan_format(plan, false, &steps);
	if (steps.length > 0)
		fwrite(steps.data, 1, steps.length, stdout);
	return COMMAND_DONE;
}

/* --- the answer --- */

/* Returns the exit status. */
static int answer_tell(const struct answer *answer, enum plan_form form)
{
	auto_text struct text out = TEXT_INIT;

	if (form == FORM_JSON)
		answer_json(answer, &out);
	else
		answer_print(answer, &out);
	fwrite(out.data, 1, out.length, stdout);
	return answer->verdict == ANSWER_NO ? COMMAND_FAILED : COMMAND_DONE;
}

static int running_show(enum plan_form form, const struct guest *guest, struct snapshot *snapshot)
{
	auto_answer struct answer answer = {0};

	names_fill(snapshot);
	if (form == FORM_STEPS) {
		steps_tell_running(guest, snapshot, snapshot->own_machine);
		return COMMAND_DONE;
	}
	answer_make_has(guest, snapshot, snapshot->own_machine, &answer);
	return answer_tell(&answer, form);
}

static int plan_print(enum plan_form form, const struct host *host, const struct guest *guest,
		      struct situation *situation)
{
	auto_plan struct plan plan = {0};
	auto_answer struct answer answer = {0};

	planner_lend(guest, &situation->snapshot, &situation->policy, &plan);
	if (form == FORM_STEPS)
		return steps_print(&plan, guest, &situation->snapshot);
	names_fill(&situation->snapshot);
	answer_make(ANSWER_OF_START, &plan, guest, &situation->snapshot, &situation->policy,
		    &answer);
	answer_add_others(&answer, host);
	return answer_tell(&answer, form);
}

static int plan_show(enum plan_form form, const char *root, const char *argument)
{
	cleanup(situation_done) struct situation situation = {0};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	auto_guest struct guest guest = {0};

	if (input_read_guest(argument, root, &guest, &err) < 0 ||
	    command_open(root, &host_ops_readonly, &host, &err) < 0 ||
	    situation_read(&host, &guest, &situation, &err) < 0)
		return command_fail(&err);
	if (situation.snapshot.own_machine || journals_is_lent(&host, guest.uuid))
		return running_show(form, &guest, &situation.snapshot);
	return plan_print(form, &host, &guest, &situation);
}

/* --- the command line --- */

static int plan_run(int argc, char **argv)
{
	const char *root = NULL;
	bool json = false, steps = false;
	const struct command_option options[] = {
		{"json", 'J', .flag = &json},
		{"steps", 's', .flag = &steps},
		{"root", .value = &root},
		{0},
	};
	int status;

	if (!command_options(&plan_command, options, argc, argv, &status))
		return status;
	if (argc - optind != 1)
		return command_misuse(&plan_command, "plan takes one FILE or GUEST");
	if (json && steps)
		return command_misuse(&plan_command,
				      "--json and --steps cannot be used together; the JSON has "
				      "the steps in it");
	return plan_show(json ? FORM_JSON : steps ? FORM_STEPS : FORM_ANSWER, root, argv[optind]);
}

const struct command plan_command = {
	.name = "plan",
	.run = plan_run,
	.synopsis = "[OPTION...] FILE|GUEST",
	.summary = "tell what starting a guest would do, or why it would be refused",
	.help = "GUEST is a guest's name, UUID or id; FILE holds a domain's XML ('-': standard\n"
		"input).\n\n"
		"  -J, --json         print JSON\n"
		"  -s, --steps        print each step with its value before and after\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
