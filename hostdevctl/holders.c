// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl holders: who or what uses host devices, and what the start of a guest would do about
 * each of them. The answers are the planner's own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/device.h"
#include "hostdevctl/input.h"
#include "hostdevctl/missing.h"
#include "hostdevctl/output/table.h"
#include "model/planner.h"
#include "model/verdict.h"
#include "parsers/pci/names.h"
#include "parsers/situation.h"

enum holders_column {
	COLUMN_ADDRESS,
	COLUMN_KIND,
	COLUMN_NODE,
	COLUMN_PID,
	COLUMN_COMMAND,
	COLUMN_USER,
	COLUMN_SESSION,
	COLUMN_UNIT,
	COLUMN_HOW,
	COLUMN_ACTION,
	COLUMN_NAME,
	COLUMN_DRIVER,
	COLUMN_GROUP,
	COLUMNS
};

static const struct output_column columns[COLUMNS] = {
	[COLUMN_ADDRESS] = {.name = "ADDRESS"},
	[COLUMN_KIND] = {.name = "KIND"},
	[COLUMN_NODE] = {.name = "NODE"},
	[COLUMN_PID] = {.name = "PID", .type = OUTPUT_NUMBER},
	[COLUMN_COMMAND] = {.name = "COMMAND"},
	[COLUMN_USER] = {.name = "USER"},
	[COLUMN_SESSION] = {.name = "SESSION"},
	[COLUMN_UNIT] = {.name = "UNIT"},
	[COLUMN_HOW] = {.name = "HOW"},
	[COLUMN_ACTION] = {.name = "ACTION"},
	[COLUMN_NAME] = {.name = "NAME", .on_request = true},
	[COLUMN_DRIVER] = {.name = "DRIVER", .on_request = true},
	[COLUMN_GROUP] = {.name = "GROUP", .type = OUTPUT_NUMBER, .on_request = true},
};

static char **add_row(struct table_rows *rows, const struct snapshot *snapshot,
		      const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(snapshot, addr);
	char **row = table_rows_add(rows);

	row[COLUMN_ADDRESS] = xstrdup(ADDR(addr));
	if (!device)
		return row;
	row[COLUMN_NAME] = xstrdup(device->name);
	if (*device->bound.driver)
		row[COLUMN_DRIVER] = xstrdup(device->bound.driver);
	if (device->group != DEVICE_NO_GROUP)
		row[COLUMN_GROUP] = xasprintf("%d", device->group);
	return row;
}

static const char *role_name(enum holder_role role)
{
	switch (role) {
	case HOLDER_SERVICE:
		return "service";
	case HOLDER_USER_SERVICE:
		return "user-service";
	case HOLDER_DISPLAY:
		return "display";
	case HOLDER_LOGIND:
		return "logind";
	case HOLDER_GUEST:
		return "guest";
	case HOLDER_PROTECTED:
		return "protected";
	case HOLDER_SPLASH:
		return "splash";
	case HOLDER_CONTAINER:
		return "container";
	default:
		return "process";
	}
}

static const char *how_name(enum holder_how how)
{
	switch (how) {
	case HOLDS_THREAD:
		return "thread";
	case HOLDS_MAP:
		return "map";
	default:
		return "descriptor";
	}
}

static void fill_hold(char **row, const struct holder *holder, const struct hold *hold,
		      const struct node *node, const struct verdict *verdict)
{
	row[COLUMN_KIND] = xstrdup(role_name(holder->role));
	row[COLUMN_NODE] = xasprintf("/dev/%s", node->name);
	row[COLUMN_PID] = xasprintf("%d", (int)holder->pid);
	row[COLUMN_COMMAND] = xstrdup(holder->command);
	row[COLUMN_USER] = xstrdup(holder->user);
	row[COLUMN_SESSION] = xstrdup(holder->session);
	row[COLUMN_UNIT] = xstrdup(holder->unit);
	row[COLUMN_HOW] = xstrdup(how_name(hold->how));
	row[COLUMN_ACTION] = xstrdup(holder_action_name(verdict->action));
}

static void add_holder(struct table_rows *rows, const struct situation *situation,
		       const struct holder *holder)
{
	const struct snapshot *snapshot = &situation->snapshot;

	for (size_t i = 0; i < holder->hold_count; i++) {
		const struct node *node = &snapshot->nodes[holder->holds[i].node];
		const struct device *device = snapshot_device(snapshot, &node->addr);
		struct device_policy policy = policy_of_device(&situation->policy, &node->addr);
		struct verdict verdict;

		if (!device)
			continue;
		verdict = verdict_of(snapshot, holder, device, &policy);
		fill_hold(add_row(rows, snapshot, &node->addr), holder, &holder->holds[i], node,
			  &verdict);
	}
}

static void fill_use(char **row, enum use_kind kind, const char *how, const char *action)
{
	row[COLUMN_KIND] = xstrdup(use_kind_name(kind));
	row[COLUMN_HOW] = xstrdup(how);
	row[COLUMN_ACTION] = xstrdup(action);
}

static bool is_refused(const struct plan *plan, const struct use *use)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (plan->refusals[i].kind == REFUSAL_USE && plan->refusals[i].use == use->kind &&
		    pci_addr_equal(&plan->refusals[i].addr, &use->addr))
			return true;
	return false;
}

/* Uses that the policy lifts are no refusals any more; logins and keyboards are only these. */
static void add_uses(struct table_rows *rows, const struct situation *situation,
		     const struct plan *plan)
{
	const struct snapshot *snapshot = &situation->snapshot;

	for (size_t i = 0; i < snapshot->use_count; i++) {
		const struct use *use = &snapshot->uses[i];
		struct device_policy policy = policy_of_device(&situation->policy, &use->addr);
		bool lifted = use_allow_name(use->kind) && (policy.allow & 1u << use->kind);
		bool told = use->kind == USE_DEFAULT_ROUTE && plan_tells(plan, &use->addr) &&
			    !is_refused(plan, use);
		auto_free char *how =
			xasprintf("%s%s%s", use->what ? use->what : "",
				  use->what && use->how ? " " : "", use->how ? use->how : "");

		fill_use(add_row(rows, snapshot, &use->addr), use->kind, how,
			 lifted ? "allow"
			 : told ? "tell"
				: "refuse");
	}
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];

		if (refusal->kind == REFUSAL_USE &&
		    (refusal->use == USE_LOGIN || refusal->use == USE_KEYBOARD))
			fill_use(add_row(rows, snapshot, &refusal->addr), refusal->use,
				 refusal->evidence, "refuse");
	}
}

static void note_unreadables(const struct snapshot *snapshot)
{
	size_t count = snapshot->unreadable_count;

	if (count > 0)
		command_note("%zu process%s could not be looked into (%s), so that what %s is not "
			     "known%s",
			     count, count > 1 ? "es" : "", snapshot->unreadables[0].why,
			     count > 1 ? "they hold" : "it holds",
			     geteuid() ? ": run this with sudo" : "");
}

/* Several arguments, or the one that is a device: a guest that names just these. */
static int read_devices(const struct host *host, const struct table_request *request,
			struct guest *ret, struct error *err)
{
	for (int i = -1; i < request->more_count; i++) {
		const char *word = i < 0 ? request->argument : request->more[i];
		struct pci_addr addr;
		int result = device_parse(host, word, &addr, err);

		if (result < 0)
			return result;
		if (!guest_hostdev(ret, &addr))
			guest_add_hostdev(ret, &addr);
	}
	ret->name = xstrdup("");
	return 0;
}

/* -errno. Of one argument that is no device, a guest may be meant. */
static int read_arguments(const struct host *host, const struct table_request *request,
			  struct guest *ret, struct error *err)
{
	struct error why = ERROR_INIT;
	int result = read_devices(host, request, ret, &why);

	if (result != -ENOENT || request->more_count > 0) {
		if (result < 0)
			error_set(err, -result, "%s", why.text);
		return result;
	}
	result = input_read_guest(request->argument, request->root, ret, &why);
	if (result == -ENOENT && !strchr(request->argument, '/'))
		return error_set(err, ENOENT, "%s; nor is there such a device", why.text);
	return result < 0 ? error_set(err, -result, "%s", why.text) : 0;
}

static void note_nobody(const struct guest *guest, const struct snapshot *snapshot)
{
	if (guest->hostdev_count == 0)
		command_note("%s names no host PCI device", guest->name);
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct device *device = snapshot_device(snapshot, &guest->hostdevs[i].addr);

		if (device)
			command_note("nobody uses %s", LABEL(device));
	}
}

static int holders_print(const struct guest *guest, const struct situation *situation,
			 const struct output *output, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	auto_plan struct plan plan = {0};

	planner_lend(guest, &situation->snapshot, &situation->policy, &plan);
	note_unreadables(&situation->snapshot);
	for (size_t i = 0; i < situation->snapshot.holder_count; i++)
		add_holder(&rows, situation, &situation->snapshot.holders[i]);
	add_uses(&rows, situation, &plan);
	if (output->format == OUTPUT_COLUMNS && rows.count == 0) {
		note_nobody(guest, &situation->snapshot);
		return 0;
	}
	return output_print(output, rows.cells, rows.count, err);
}

/* Returns an exit status. */
static int holders_show(const struct host *host, const struct guest *guest,
			const struct output *output)
{
	cleanup(situation_done) struct situation situation = {0};
	struct error err = ERROR_INIT;
	size_t missing;

	if (situation_read(host, guest, &situation, &err) < 0)
		return command_fail(&err);
	/* That nobody uses a device is told with its name. */
	if (output_is_chosen(output, COLUMN_NAME) || output->format == OUTPUT_COLUMNS)
		names_fill(&situation.snapshot);
	missing = missing_tell(host, guest, &situation.snapshot);
	if (holders_print(guest, &situation, output, &err) < 0)
		return command_fail(&err);
	return missing > 0 ? COMMAND_FAILED : COMMAND_DONE;
}

static int holders_run(int argc, char **argv)
{
	static const struct table_wants wants = {
		.argument = "one DEVICE or more, or one FILE or GUEST", .more = true};
	struct output output = {.name = "holders", .columns = columns, .column_count = COLUMNS};
	cleanup(host_close) struct host host = {0};
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;
	struct table_request request;
	int status;

	if (!table_options(&holders_command, argc, argv, &wants, &output, &request, &status))
		return status;
	if (command_open(request.root, &host_ops_readonly, &host, &err) < 0 ||
	    read_arguments(&host, &request, &guest, &err) < 0)
		return command_fail(&err);
	return holders_show(&host, &guest, &output);
}

const struct command holders_command = {
	.name = "holders",
	.run = holders_run,
	.synopsis = "[OPTION...] DEVICE...|FILE|GUEST",
	.summary = "list who uses devices, and what would be done about it",
	.help = "DEVICE is a PCI address (0000:01:00.0, 01:00.0 or pci_0000_01_00_0), a device "
		"node\n"
		"(/dev/nvme0n1, card1) or an interface (eth0); FILE holds a domain's XML ('-':\n"
		"standard input); GUEST is a guest's name, UUID or id.\n\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: "
		"ADDRESS,KIND,NODE,PID,COMMAND,USER,SESSION,UNIT,HOW,\n"
		"                     ACTION,NAME,DRIVER,GROUP; +LIST adds to the usual ones, all\n"
		"                     but NAME, DRIVER and GROUP\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
