// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl holders: who or what uses host devices, and what the start of a guest would do about
 * each of them. The answers are the planner's own.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "hostdevctl/table.h"
#include "model/planner.h"
#include "model/verdict.h"
#include "parsers/names.h"
#include "parsers/situation.h"

enum column {
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
	COLUMN_BOUND,
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
	[COLUMN_BOUND] = {.name = "BOUND", .on_request = true},
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
		row[COLUMN_BOUND] = xstrdup(device->bound.driver);
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

/* A device that is refused before its uses are looked at is not. */
static bool is_told(const struct plan *plan, const struct pci_addr *addr)
{
	for (size_t i = 0; i < plan->told_count; i++)
		if (pci_addr_equal(&plan->told[i], addr))
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
		bool told = use->kind == USE_DEFAULT_ROUTE && is_told(plan, &use->addr) &&
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
	if (snapshot->unreadable_count > 0)
		command_note("%zu processes could not be looked into (%s): what they hold is not "
			     "known%s",
			     snapshot->unreadable_count, snapshot->unreadables[0].why,
			     geteuid() ? "; only root may" : "");
}

/* False: it is no address. */
static bool guest_add_address(struct guest *guest, const char *text)
{
	struct pci_addr addr;

	if (!pci_addr_parse_given(text, &addr))
		return false;
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (pci_addr_equal(&guest->hostdevs[i].addr, &addr))
			return true;
	guest->hostdevs =
		array_grow(guest->hostdevs, guest->hostdev_count, sizeof(*guest->hostdevs));
	guest->hostdevs[guest->hostdev_count++] = (struct hostdev){.addr = addr, .managed = true};
	return true;
}

/* Returns the first argument that is no address, or NULL. */
static const char *read_addresses(const struct table_request *request, struct guest *ret)
{
	if (!guest_add_address(ret, request->argument))
		return request->argument;
	for (int i = 0; i < request->more_count; i++)
		if (!guest_add_address(ret, request->more[i]))
			return request->more[i];
	return NULL;
}

/* Addresses are those of a guest that names just these devices. Returns an exit status. */
static int read_arguments(const struct table_request *request, struct guest *ret)
{
	const char *other = read_addresses(request, ret);
	struct error err = ERROR_INIT;

	if (!other)
		ret->name = xstrdup("");
	else if (request->more_count > 0)
		return command_misuse(&holders_command,
				      "%s: of several arguments each must be an address", other);
	else if (input_read_guest(other, request->root, ret, &err) < 0)
		return command_fail(&err);
	return COMMAND_DONE;
}

/* Each is told. */
static bool any_missing(const struct guest *guest, const struct snapshot *snapshot)
{
	bool any = false;

	for (size_t i = 0; i < guest->hostdev_count; i++) {
		if (snapshot_device(snapshot, &guest->hostdevs[i].addr))
			continue;
		command_note("there is no PCI device %s", ADDR(&guest->hostdevs[i].addr));
		any = true;
	}
	return any;
}

static int holders_print(const struct guest *guest, const struct situation *situation,
			 const struct output *output, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	auto_plan struct plan plan = {0};

	plan_lend(guest, &situation->snapshot, &situation->policy, &plan);
	note_unreadables(&situation->snapshot);
	for (size_t i = 0; i < situation->snapshot.holder_count; i++)
		add_holder(&rows, situation, &situation->snapshot.holders[i]);
	add_uses(&rows, situation, &plan);
	return output_print(output, rows.cells, rows.count, err);
}

/* Returns an exit status. */
static int holders_show(const struct guest *guest, const char *root, const struct output *output)
{
	cleanup(situation_done) struct situation situation = {0};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	bool missing;

	if (host_open(&host, root ? root : "/", root ? NULL : &host_ops_look, NULL, &err) < 0 ||
	    situation_read(&host, guest, &situation, &err) < 0)
		return command_fail(&err);
	if (output_is_chosen(output, COLUMN_NAME))
		names_fill(&situation.snapshot);
	missing = any_missing(guest, &situation.snapshot);
	if (holders_print(guest, &situation, output, &err) < 0)
		return command_fail(&err);
	return missing ? COMMAND_FAILED : COMMAND_DONE;
}

static int holders_run(int argc, char **argv)
{
	static const struct table_wants wants = {
		.argument = "one ADDRESS or more, or one FILE or NAME", .more = true};
	struct output output = {.name = "holders", .columns = columns, .column_count = COLUMNS};
	auto_guest struct guest guest = {0};
	struct table_request request;
	int status;

	if (!table_options(&holders_command, argc, argv, &wants, &output, &request, &status))
		return status;
	status = read_arguments(&request, &guest);
	return status == COMMAND_DONE ? holders_show(&guest, request.root, &output) : status;
}

const struct command holders_command = {
	.name = "holders",
	.run = holders_run,
	.synopsis = "[OPTION...] ADDRESS...|FILE|NAME",
	.summary = "list who uses devices, and what would be done about it",
	.help = "ADDRESS is a PCI device: 0000:01:00.0, 01:00.0 or pci_0000_01_00_0; FILE holds a\n"
		"domain's XML ('-': standard input); NAME is asked of libvirt.\n\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: "
		"ADDRESS,KIND,NODE,PID,COMMAND,USER,SESSION,UNIT,HOW,\n"
		"                     ACTION,NAME,BOUND,GROUP; +LIST adds to the usual ones, all\n"
		"                     but NAME, BOUND and GROUP\n"
		"      --root DIR     look at the machine below DIR; ADDRESS or FILE only\n"
		"  -h, --help         this text\n",
};
