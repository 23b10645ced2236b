// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl check: is the hook in its place, will it be called, and can it do its work here?
 */
#include "hostdevctl/check.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/table.h"

enum column { COLUMN_STATUS, COLUMN_SUBJECT, COLUMN_NOTE, COLUMNS };

static const struct output_column columns[COLUMNS] = {
	[COLUMN_STATUS] = {.name = "STATUS"},
	[COLUMN_SUBJECT] = {.name = "SUBJECT"},
	[COLUMN_NOTE] = {.name = "NOTE"},
};

bool check_owner(struct check *check, enum host_dir dir, const char *path, const char *subject)
{
	struct error err = ERROR_INIT;
	struct stat st;
	int ret = host_file_stat(check->host, dir, &st, &err, "%s", path);

	if (ret == -ENOENT)
		return true;
	if (ret < 0) {
		findings_add(&check->findings, FINDING_FAULT, subject, "%s", err.text);
		return false;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid())
		findings_add(&check->findings, FINDING_FAULT, subject,
			     "belongs to user %u, who can tell root what to do by it: chown root",
			     (unsigned int)st.st_uid);
	else if (!S_ISLNK(st.st_mode) && (st.st_mode & (S_IWGRP | S_IWOTH)))
		findings_add(&check->findings, FINDING_FAULT, subject,
			     "others than root may write it, and so tell root what to do: chmod "
			     "go-w");
	else
		return true;
	return false;
}

static void check_all(struct check *check)
{
	check_hook(check);
	check_libraries(check);
	check_daemon(check);
	check_config(check);
	check_scripts(check);
	check_kernel(check);
	check_state(check);
	check_setups(check);
}

static int print(const struct findings *findings, const struct output *output, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};

	for (size_t i = 0; i < findings->count; i++) {
		char **row = table_rows_add(&rows);

		row[COLUMN_STATUS] = xstrdup(finding_status_name(findings->items[i].status));
		row[COLUMN_SUBJECT] = xstrdup(findings->items[i].subject);
		row[COLUMN_NOTE] = xstrdup(findings->items[i].note);
	}
	return output_print(output, rows.cells, rows.count, err);
}

static void check_done(struct check *check)
{
	findings_done(&check->findings);
	free(check->program_type);
}

/* An exit status, or -errno. */
static int check_host(const struct host *host, bool other, const struct output *output,
		      struct error *err)
{
	auto_daemon struct daemon daemon = {0};
	cleanup(check_done) struct check check = {
		.host = host, .other = other, .findings = FINDINGS_INIT};
	int ret;

	if (daemon_find(host, &daemon))
		check.daemon = &daemon;
	check_all(&check);
	ret = print(&check.findings, output, err);
	if (ret < 0)
		return ret;
	return findings_worst(&check.findings) == FINDING_FAULT ? COMMAND_FAILED : COMMAND_DONE;
}

static int check_run(int argc, char **argv)
{
	static const struct table_wants wants = {0};
	struct output output = {.name = "findings", .columns = columns, .column_count = COLUMNS};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	struct table_request request;
	int status;

	if (!table_options(&check_command, argc, argv, &wants, &output, &request, &status))
		return status;
	if (!request.root && geteuid() != 0) {
		command_note("only root can look at all that check looks at");
		return COMMAND_FAILED;
	}
	if (host_open(&host, request.root ? request.root : "/",
		      request.root ? NULL : &host_ops_look, NULL, &err) < 0)
		return command_fail(&err);
	status = check_host(&host, request.root, &output, &err);
	return status < 0 ? command_fail(&err) : status;
}

const struct command check_command = {
	.name = "check",
	.run = check_run,
	.synopsis = "[OPTION...]",
	.summary = "find what keeps the hook from its work",
	.help = "One row for each finding; a fault makes the exit status 1.\n\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: STATUS,SUBJECT,NOTE\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
