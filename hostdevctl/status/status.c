// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl status: which guest has which device, and what the last hand-overs came to. From the
 * journals and records in /run alone, as libvirt may be what does not answer.
 */
#include "hostdevctl/status/status.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/command.h"

static const struct output_column columns[STATUS_COLUMNS] = {
	[STATUS_GUEST] = {.name = "GUEST"},
	[STATUS_ADDRESS] = {.name = "ADDRESS"},
	[STATUS_NAME] = {.name = "NAME"},
	[STATUS_DRIVER] = {.name = "DRIVER"},
	[STATUS_SINCE] = {.name = "SINCE"},
	[STATUS_STATE] = {.name = "STATE"},
	[STATUS_UUID] = {.name = "UUID", .on_request = true},
	[STATUS_NOTE] = {.name = "NOTE", .on_request = true},
};

/* --- which guests --- */

static bool is_asked_for(const struct status_request *request, const struct guest_status *status)
{
	for (int i = 0; i < request->guest_count; i++)
		if (status_is_of(status, request->guests[i]))
			return true;
	return request->guest_count == 0;
}

/* What is not asked for goes to the end, and out of sight. */
void status_select(const struct status_request *request, struct statuses *statuses)
{
	struct statuses others = {.items = xcalloc(statuses->count + 1, sizeof(*others.items))};
	size_t kept = 0;

	for (size_t i = 0; i < statuses->count; i++) {
		if (is_asked_for(request, &statuses->items[i]))
			statuses->items[kept++] = statuses->items[i];
		else
			others.items[others.count++] = statuses->items[i];
	}
	statuses->count = kept;
	statuses_done(&others);
}

/* --- the command --- */

static int show(const struct host *host, const struct status_request *request, bool *ret_bad,
		struct error *err)
{
	auto_statuses struct statuses statuses = {0};
	int ret = statuses_read(host, &statuses, err);

	if (ret < 0)
		return ret;
	status_select(request, &statuses);
	if (request->metrics)
		return status_metrics(host, &statuses, request, err);
	if (request->timings)
		return status_print_timings(host, &statuses, &request->output, err);
	statuses_fill_names(&statuses);
	for (size_t i = 0; i < statuses.count; i++)
		*ret_bad |= guest_status_is_bad(&statuses.items[i]);
	return request->json ? status_print_json(&statuses, &request->output, err)
			     : status_print(&statuses, request, err);
}

static int run_request(struct status_request *request)
{
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	bool bad = false;

	if (!request->root && !command_is_root("read what is recorded of guests"))
		return COMMAND_FAILED;
	if (command_open(request->root, &host_ops_readonly, &host, &err) < 0)
		return command_fail(&err);
	if (status_find_guests(&host, request, &err) < 0)
		return command_fail(&err);
	if (request->wait && status_wait(&host, request, &err) < 0)
		return command_fail(&err);
	if (show(&host, request, &bad, &err) < 0)
		return command_fail(&err);
	return bad ? COMMAND_FAILED : COMMAND_DONE;
}

/* --- options --- */

struct status_flags {
	bool raw;
	const char *output, *timeout;
};

static bool read_timeout(const char *text, uint64_t *ret_ms)
{
	char *end;
	unsigned long seconds;

	if (*text < '0' || *text > '9')
		return false;
	seconds = strtoul(text, &end, 10);
	*ret_ms = (uint64_t)seconds * 1000;
	return !*end && seconds > 0 && seconds <= 1000000;
}

/* What goes with what; an exit status. */
static int check_flags(struct status_request *request, const struct status_flags *flags)
{
	if (request->json && flags->raw)
		return command_misuse(&status_command, "--json and --raw exclude each other");
	if (request->metrics && request->timings)
		return command_misuse(&status_command,
				      "--metrics and --timings exclude each other");
	if (request->metrics && (request->json || flags->raw || request->guest_count > 0))
		return command_misuse(&status_command, "--metrics takes neither a guest nor "
						       "--json or --raw");
	if (flags->timeout && !request->wait)
		return command_misuse(&status_command, "--timeout goes with --wait");
	if (flags->timeout && !read_timeout(flags->timeout, &request->timeout_ms))
		return command_misuse(&status_command, "--timeout takes whole seconds from 1 to "
						       "1000000");
	return COMMAND_DONE;
}

/* With --metrics, --output is a file, else columns; an exit status. */
static int read_output(struct status_request *request, const struct status_flags *flags)
{
	struct output *output = &request->output;
	struct error err = ERROR_INIT;

	if (request->timings) {
		output->name = "timings";
		output->columns = status_timings_columns;
		output->column_count = status_timings_column_count;
	}
	output->format = request->json ? OUTPUT_JSON : flags->raw ? OUTPUT_RAW : OUTPUT_COLUMNS;
	output_choose_usual(output);
	/* A program need not be asked what it wants to know. */
	if (request->json && !request->timings)
		output_choose(output, "GUEST,ADDRESS,NAME,DRIVER,SINCE,STATE,UUID,NOTE", NULL);
	if (request->metrics)
		request->file = flags->output;
	else if (flags->output && output_choose(output, flags->output, &err) < 0)
		return command_misuse(&status_command, "%s", err.text);
	request->has_output = flags->output;
	return COMMAND_DONE;
}

static int status_run(int argc, char **argv)
{
	struct status_request request = {
		.output = {.name = "loans", .columns = columns, .column_count = STATUS_COLUMNS}};
	struct status_flags flags = {0};
	const struct command_option options[] = {
		{"json", 'J', .flag = &request.json},
		{"raw", 'r', .flag = &flags.raw},
		{"noheadings", 'n', .flag = &request.output.no_headings},
		{"output", 'o', .value = &flags.output},
		{"root", .value = &request.root},
		{"timings", .flag = &request.timings},
		{"wait", .flag = &request.wait},
		{"timeout", .value = &flags.timeout},
		{"metrics", .flag = &request.metrics},
		{0},
	};
	int status;

	if (!command_options(&status_command, options, argc, argv, &status))
		return status;
	request.guests = argv + optind;
	request.guest_count = argc - optind;
	status = check_flags(&request, &flags);
	if (status == COMMAND_DONE)
		status = read_output(&request, &flags);
	if (status == COMMAND_DONE)
		status = run_request(&request);
	host_free_names(&request.found);
	return status;
}

const struct command status_command = {
	.name = "status",
	.run = status_run,
	.synopsis = "[OPTION...] [GUEST...]",
	.summary = "tell which guest has which device, and what went wrong last",
	.help = "One row for each device on loan; below that, what the last hand-over of a guest "
		"came to,\nif it did not succeed. GUEST is a name or a UUID. The exit status is 1 "
		"where something is\nunsettled, stuck or lost.\n\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: GUEST,ADDRESS,NAME,DRIVER,SINCE,STATE,UUID,NOTE;\n"
		"                     +LIST adds to the usual ones, all but UUID and NOTE\n"
		"      --timings      what each step of the last hand-overs took, slowest first\n"
		"      --wait         first wait until nobody is at work on the guests\n"
		"      --timeout SECONDS  of --wait: how long at most\n"
		"      --metrics      print metrics for Prometheus\n"
		"      --output FILE  with --metrics: write them to FILE, whole or not at all\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
