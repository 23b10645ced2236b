// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl plan: what the start of a guest would change on this host, or why it would be
 * refused. stdout carries steps, and what people shall know of them as comments ("# ...").
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "model/plan.h"
#include "model/planner.h"
#include "parsers/journals.h"
#include "parsers/names.h"
#include "parsers/situation.h"

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
static void tell_running(const struct guest *guest, const struct snapshot *snapshot, pid_t machine)
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

/* Lent by hand, or to a QEMU that is about to begin. */
static bool is_lent(const struct host *host, const struct guest *guest)
{
	char boot_id[HOST_BOOT_ID_SIZE] = "";
	auto_journal struct journal journal = JOURNAL_INIT;

	return *guest->uuid && host_boot_id(host, boot_id, NULL) == 0 &&
	       journal_read(host, guest->uuid, &journal, NULL) == 0 && journal.lent &&
	       !journal.returning && strcmp(journal.boot_id, boot_id) == 0;
}

/* Returns the exit status. */
static int plan_print(const struct plan *plan, const struct guest *guest, struct snapshot *snapshot)
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
	plan_format(plan, &steps);
	if (steps.length > 0)
		fwrite(steps.data, 1, steps.length, stdout);
	return COMMAND_DONE;
}

static int plan_show(const char *argument, const char *root)
{
	cleanup(situation_done) struct situation situation = {0};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	auto_guest struct guest guest = {0};
	auto_plan struct plan plan = {0};

	if (input_read_guest(argument, root, &guest, &err) < 0 ||
	    host_open(&host, root ? root : "/", root ? NULL : &host_ops_look, NULL, &err) < 0 ||
	    situation_read(&host, &guest, &situation, &err) < 0)
		return command_fail(&err);
	if (situation.snapshot.own_machine || is_lent(&host, &guest)) {
		names_fill(&situation.snapshot);
		tell_running(&guest, &situation.snapshot, situation.snapshot.own_machine);
		return COMMAND_DONE;
	}
	plan_lend(&guest, &situation.snapshot, &situation.policy, &plan);
	return plan_print(&plan, &guest, &situation.snapshot);
}

static const struct option long_options[] = {
	{"root", required_argument, NULL, 'R'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int plan_run(int argc, char **argv)
{
	const char *root = NULL;
	int option;

	while ((option = command_getopt(&plan_command, argc, argv, "h", long_options)) != -1) {
		if (option == 'R')
			root = optarg;
		else if (option == 'h')
			return command_help(&plan_command);
		else
			return command_try_help(&plan_command);
	}
	if (argc - optind != 1)
		return command_misuse(&plan_command, "plan takes one FILE or NAME");
	return plan_show(argv[optind], root);
}

const struct command plan_command = {
	.name = "plan",
	.run = plan_run,
	.synopsis = "[OPTION...] FILE|NAME",
	.summary = "print what starting a guest would change, or why it would be refused",
	.help = "FILE holds a domain's XML ('-': standard input); NAME is asked of libvirt.\n\n"
		"      --root DIR     look at the machine below DIR; FILE only\n"
		"  -h, --help         this text\n",
};
