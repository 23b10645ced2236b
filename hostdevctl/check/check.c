// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl check: is the hook in its place, will it be called, and can it do its work here?
 */
#include "hostdevctl/check/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "hostdevctl/output/table.h"
#include "parsers/config/config.h"

enum check_column { COLUMN_STATUS, COLUMN_ID, COLUMN_SUBJECT, COLUMN_NOTE, COLUMNS };

static const struct output_column columns[COLUMNS] = {
	[COLUMN_STATUS] = {.name = "STATUS"},
	[COLUMN_ID] = {.name = "ID"},
	[COLUMN_SUBJECT] = {.name = "SUBJECT"},
	[COLUMN_NOTE] = {.name = "NOTE", .wrap = 1},
};

void check_place(const char *absolute, enum host_dir *ret_dir, const char **ret_path)
{
	if (host_file_place(absolute, ret_dir, ret_path))
		return;
	/* The root itself, or a path that ends with a slash. */
	*ret_dir = HOST_ROOT;
	*ret_path = absolute[1] ? absolute + 1 : ".";
}

bool check_owner(struct check *check, const char *absolute, const char *subject)
{
	struct error err = ERROR_INIT;
	enum host_dir dir;
	const char *path;
	struct stat st;
	int ret;

	check_place(absolute, &dir, &path);
	ret = host_file_stat(check->host, dir, &st, &err, "%s", path);

	if (ret == -ENOENT)
		return true;
	if (ret < 0) {
		check_problem(check, FIND_FILE_UNREADABLE, subject, "%s", err.text);
		return false;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid())
		check_problem(check, FIND_FILE_OWNER, subject,
			      "belongs to user %u, who can tell root what to do by it: chown root",
			      (unsigned int)st.st_uid);
	else if (!S_ISLNK(st.st_mode) && (st.st_mode & (S_IWGRP | S_IWOTH)))
		check_problem(
			check, FIND_FILE_WRITABLE, subject,
			"others than root may write it, and so tell root what to do: chmod go-w");
	else
		return true;
	return false;
}

static void check_all(struct check *check)
{
	check_hook(check);
	check_libraries(check);
	check_daemon(check);
	check_container(check);
	check_config(check);
	check_scripts(check);
	check_iommu(check);
	check_kernel(check);
	check_groups(check);
	check_cards(check);
	check_tools(check);
	check_state(check);
	check_stranded(check);
	check_setups(check);
	check_other_tools(check);
}

/* --- what is printed --- */

/* What this command alone can be asked for. */
struct wishes {
	bool problems, all;
};

static bool is_shown(const struct finding *finding, const struct wishes *wishes)
{
	if (finding->status == FINDING_IGNORED)
		return wishes->all;
	return !wishes->problems || finding->status >= FINDING_NOTE;
}

static void count_kind(size_t count, const char *kind)
{
	if (count == 0)
		printf("no %ss", kind);
	else
		printf("%zu %s%s", count, kind, count == 1 ? "" : "s");
}

/* For people alone: programs count the rows. */
static void print_sum(const struct findings *findings)
{
	size_t ignored = findings_count(findings, FINDING_IGNORED);

	count_kind(findings_count(findings, FINDING_PROBLEM), "problem");
	printf(", ");
	count_kind(findings_count(findings, FINDING_NOTE), "note");
	if (ignored > 0)
		printf(" (%zu ignored; --all shows them)", ignored);
	putchar('\n');
}

static int print(const struct findings *findings, const struct output *output,
		 const struct wishes *wishes, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	int ret;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		char **row;

		if (!is_shown(finding, wishes))
			continue;
		row = table_rows_add(&rows);
		row[COLUMN_STATUS] = xstrdup(finding_status_name(finding->status));
		row[COLUMN_ID] = xstrdup(finding_id_name(finding->id));
		row[COLUMN_SUBJECT] = xstrdup(finding->subject);
		row[COLUMN_NOTE] = xstrdup(finding->note);
	}
	ret = output_print(output, rows.cells, rows.count, err);
	if (ret == 0 && output->format == OUTPUT_COLUMNS && !output->no_headings)
		print_sum(findings);
	return ret;
}

/* --- the command --- */

static void check_done(struct check *check)
{
	findings_done(&check->findings);
	free(check->program_type);
}

void check_ignore(struct check *check, const struct policy *policy)
{
	auto_free char *unknown = NULL;
	struct finding_set set;

	if (policy->ignore && finding_set_parse(policy->ignore, &set, &unknown))
		findings_ignore(&check->findings, &set);
}

/* What is wrong with the configuration is a finding by itself. */
static void check_host(struct check *check)
{
	auto_policy struct policy policy = POLICY_INIT;

	check_all(check);
	if (config_read(check->host, NULL, &policy, NULL) == 0)
		check_ignore(check, &policy);
}

size_t check_count_problems(const struct host *host, bool other)
{
	auto_daemon struct daemon daemon = {0};
	cleanup(check_done) struct check check = {
		.host = host, .other = other, .findings = FINDINGS_INIT};

	if (daemon_find(host, &daemon))
		check.daemon = &daemon;
	check_host(&check);
	return findings_count(&check.findings, FINDING_PROBLEM);
}

/* An exit status, or -errno. */
static int check_print(const struct host *host, const struct table_request *request,
		       const struct wishes *wishes, const struct output *output, struct error *err)
{
	auto_daemon struct daemon daemon = {0};
	auto_guest struct guest guest = {0};
	cleanup(check_done) struct check check = {
		.host = host, .other = request->root, .findings = FINDINGS_INIT};
	int ret = 0;

	if (request->argument) {
		ret = input_read_guest(request->argument, request->root, &guest, err);
		if (ret == 0)
			ret = check_guest(&check, &guest, err);
	} else {
		if (daemon_find(host, &daemon))
			check.daemon = &daemon;
		check_host(&check);
	}
	if (ret == 0)
		ret = print(&check.findings, output, wishes, err);
	if (ret < 0)
		return ret;
	return findings_count(&check.findings, FINDING_PROBLEM) > 0 ? COMMAND_FAILED : COMMAND_DONE;
}

/* The other table has columns of its own, which --output may name. */
static char *take_ids(void *data, const struct command_option *option, const char *argument)
{
	(void)option;
	(void)argument;
	check_ids_output(data);
	return NULL;
}

static int check_run(int argc, char **argv)
{
	struct output output = {.name = "findings", .columns = columns, .column_count = COLUMNS};
	struct wishes wishes = {0};
	const struct command_option options[] = {
		{"problems", .flag = &wishes.problems},
		{"all", .flag = &wishes.all},
		{"ids", .take = take_ids, .data = &output},
		{0},
	};
	const struct table_wants wants = {
		.argument = "one FILE or GUEST at most", .optional = true, .options = options};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	struct table_request request;
	int status;

	if (!table_options(&check_command, argc, argv, &wants, &output, &request, &status))
		return status;
	if (output.columns != columns)
		return request.argument
			       ? command_misuse(&check_command, "--ids takes no FILE or GUEST")
			       : check_print_ids(&output);
	if (!request.root && !command_is_root("look at all that check looks at"))
		return COMMAND_FAILED;
	if (command_open(request.root, &host_ops_readonly, &host, &err) < 0)
		return command_fail(&err);
	status = check_print(&host, &request, &wishes, &output, &err);
	return status < 0 ? command_fail(&err) : status;
}

const struct command check_command = {
	.name = "check",
	.run = check_run,
	.synopsis = "[OPTION...] [FILE|GUEST]",
	.summary = "find what keeps the hook from its work",
	.help = "One row for each finding: ok, note or problem, the finding's id, and what to do.\n"
		"A problem makes the exit status 1. hostdevctl-check(8) explains each id.\n"
		"A guest, by its name, UUID or id or by a FILE with its XML ('-': standard input), "
		"is\n"
		"looked at instead of the host: its devices, whether it would start, its "
		"memory.\n\n"
		"      --problems     only notes and problems\n"
		"      --all          also what the configuration ignores\n"
		"      --ids          list the ids of all findings there can be, with the columns\n"
		"                     ID and MEANING\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave out the headings and the last line\n"
		"  -o, --output LIST  columns: STATUS,ID,SUBJECT,NOTE\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
