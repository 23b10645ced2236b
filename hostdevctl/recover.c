// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl recover: gives back what was lent to guests whose run is over, where nobody else came
 * to do it. The one command that changes devices. libvirt is not asked: it may be what has died.
 */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/log.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/output/table.h"
#include "session/recover.h"

enum recover_column { COLUMN_GUEST, COLUMN_UUID, COLUMN_VERDICT, COLUMN_NOTE, COLUMNS };

static const struct output_column columns[COLUMNS] = {
	[COLUMN_GUEST] = {.name = "GUEST"},
	[COLUMN_UUID] = {.name = "UUID"},
	[COLUMN_VERDICT] = {.name = "VERDICT"},
	[COLUMN_NOTE] = {.name = "NOTE"},
};

struct recoveries {
	struct table_rows *rows;
	bool dry_run;
	bool any_unsettled;
};

static const char *outcome_name(const struct recoveries *recoveries, enum recovery_outcome outcome)
{
	if (recoveries->dry_run && outcome == RECOVERY_RETURNED)
		return "would be returned";
	if (recoveries->dry_run && outcome == RECOVERY_REMOVED)
		return "would be removed";
	return recovery_outcome_name(outcome);
}

static void add_recovery(void *data, const struct recovery *recovery)
{
	struct recoveries *recoveries = data;
	char **row = table_rows_add(recoveries->rows);

	row[COLUMN_GUEST] = xstrdup(recovery->guest);
	row[COLUMN_UUID] = xstrdup(recovery->uuid);
	row[COLUMN_VERDICT] = xstrdup(outcome_name(recoveries, recovery->outcome));
	row[COLUMN_NOTE] = xstrdup(recovery->note);
	if (recovery->outcome == RECOVERY_UNSETTLED)
		recoveries->any_unsettled = true;
}

static void note_nothing(const char *guest)
{
	if (guest)
		command_note("%s has no journal: nothing is lent to it", guest);
	else
		command_note("no guest has a journal: nothing is lent");
}

static int recover_show(const struct table_request *request, bool dry_run,
			const struct output *output, bool *ret_settled, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	struct recoveries recoveries = {.rows = &rows, .dry_run = dry_run};
	cleanup(host_close) struct host host = {0};
	struct recover recover = {.host = &host,
				  .guest = request->argument,
				  .dry_run = dry_run,
				  .report = add_recovery,
				  .data = &recoveries};
	const char *root = request->root;
	int ret = command_open(root, &host_ops_kernel, &host, err);

	if (ret == 0)
		ret = recover_run(&recover, err);
	if (ret < 0)
		return ret;
	*ret_settled = !recoveries.any_unsettled;
	if (rows.count == 0)
		note_nothing(request->argument);
	if (rows.count == 0 && output->format != OUTPUT_JSON)
		return 0;
	return output_print(output, rows.cells, rows.count, err);
}

static int recover_command_run(int argc, char **argv)
{
	bool dry_run = false;
	const struct command_option options[] = {{"dry-run", .flag = &dry_run}, {0}};
	const struct table_wants wants = {
		.argument = "at most one GUEST or UUID", .optional = true, .options = options};
	struct output output = {.name = "recover", .columns = columns, .column_count = COLUMNS};
	struct error err = ERROR_INIT;
	struct table_request request;
	bool settled = false;
	int status;

	if (!table_options(&recover_command, argc, argv, &wants, &output, &request, &status))
		return status;
	if (!command_may_look_at(&recover_command, request.root, dry_run, &status))
		return status;
	if (!request.root && !command_is_root("return devices"))
		return COMMAND_FAILED;
	/* Whoever reads our output may leave: the work is done to its end. */
	signal(SIGPIPE, SIG_IGN);
	umask(077);
	if (!dry_run && isatty(STDERR_FILENO))
		log_show();
	if (recover_show(&request, dry_run, &output, &settled, &err) < 0)
		return command_fail(&err);
	return settled ? COMMAND_DONE : COMMAND_FAILED;
}

const struct command recover_command = {
	.name = "recover",
	.run = recover_command_run,
	.synopsis = "[OPTION...] [GUEST]",
	.summary = "return what guests were lent whose run has ended unnoticed",
	.help = "Without GUEST, all that a killed hook, a killed libvirt or a crash has left, "
		"except where a\n"
		"guest runs or libvirt will return it. GUEST is a name or a UUID: its run is over, "
		"unless its\n"
		"QEMU lives.\n\n"
		"      --dry-run      only say what would be returned, and what would be left\n"
		"      --root DIR     with --dry-run: look at the machine below DIR\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: GUEST,UUID,VERDICT,NOTE\n"
		"  -h, --help         this text\n",
};
