// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl status: which guest has which device, and what the last hand-overs came to. From the
 * journals and records in /run alone, as libvirt may be what does not answer.
 */
#include "hostdevctl/status.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/table.h"

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

bool status_is_of(const struct guest_status *status, const char *guest)
{
	return strcmp(status->guest, guest) == 0 || strcmp(status->uuid, guest) == 0;
}

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

/* --- times --- */

char *status_time_iso(int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm parts;
	char text[64];

	if (!gmtime_r(&seconds, &parts) ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		return xasprintf("%" PRId64, at);
	return xstrdup(text);
}

/* By the clock of this host's own place. */
static char *time_local(int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm parts;
	char text[64];

	if (!localtime_r(&seconds, &parts) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
		return status_time_iso(at);
	return xstrdup(text);
}

char *status_time_ago(int64_t at, int64_t now)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{24 * 60 * 60, "d"}, {60 * 60, "h"}, {60, "min"}};
	/* A clock that was set back. */
	int64_t age = now > at ? now - at : 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (age >= 2 * units[i].seconds || (i == 2 && age >= units[i].seconds))
			return xasprintf("%" PRId64 " %s ago", age / units[i].seconds,
					 units[i].unit);
	return xasprintf("%" PRId64 " s ago", age);
}

char *status_duration(uint64_t ms)
{
	return ms < 10000 ? xasprintf("%" PRIu64 ".%" PRIu64 " s", ms / 1000, ms % 1000 / 100)
			  : xasprintf("%" PRIu64 " s", ms / 1000);
}

/* --- the table --- */

void status_fill_row(const struct guest_status *status, const struct loan_status *loan, bool iso,
		     char **row)
{
	row[STATUS_GUEST] = xstrdup(status->guest);
	row[STATUS_UUID] = xstrdup(status->uuid);
	row[STATUS_STATE] = xstrdup(loan_state_name(loan->state));
	row[STATUS_NOTE] = xstrdup(loan->note);
	if (status->since)
		row[STATUS_SINCE] = iso ? status_time_iso(status->since)
					: status_time_ago(status->since, time(NULL));
	if (!loan->has_device)
		return;
	row[STATUS_ADDRESS] = xstrdup(ADDR(&loan->device.addr));
	row[STATUS_NAME] = xstrdup(loan->device.name);
	if (*loan->device.bound.driver)
		row[STATUS_DRIVER] = xstrdup(loan->device.bound.driver);
}

static int print_table(const struct statuses *statuses, const struct output *output,
		       size_t *ret_count, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = STATUS_COLUMNS};
	bool iso = output->format != OUTPUT_COLUMNS;

	for (size_t i = 0; i < statuses->count; i++)
		for (size_t j = 0; j < statuses->items[i].loan_count; j++)
			status_fill_row(&statuses->items[i], &statuses->items[i].loans[j], iso,
					table_rows_add(&rows));
	*ret_count = rows.count;
	return rows.count ? output_print(output, rows.cells, rows.count, err) : 0;
}

/* --- what is to be said of it --- */

bool status_is_error(const struct handover *handover)
{
	return handover->result != HANDOVER_NONE && handover->result != HANDOVER_DONE;
}

/* For all of a guest's devices at once where each says the same. */
static void print_notes(const struct guest_status *status)
{
	const char *last = NULL;
	auto_free char *guest = text_escape(status->guest);

	for (size_t i = 0; i < status->loan_count; i++) {
		const struct loan_status *loan = &status->loans[i];

		if (!loan->note || (last && strcmp(last, loan->note) == 0))
			continue;
		last = loan->note;
		printf("%s: ", guest);
		if (loan->state == LOAN_LOST)
			printf("%s: ", LABEL(&loan->device));
		printf("%s.\n", loan->note);
	}
}

/* Line by line, each safe for terminals. */
static void print_message(const char *message, const char *indent)
{
	while (message) {
		size_t length = strcspn(message, "\n");
		auto_free char *line = xasprintf("%.*s", (int)length, message);
		auto_free char *safe = text_escape(line);

		printf("%s%s\n", *line ? indent : "", safe);
		message = message[length] ? message + length + 1 : NULL;
	}
}

static const char *result_words(const struct guest_status *status, const struct handover *handover)
{
	switch (handover->result) {
	case HANDOVER_DONE:
		return "succeeded";
	case HANDOVER_REFUSED:
		return "was refused";
	case HANDOVER_UNSETTLED:
		/* What was left is home by now where nothing is on loan any more. */
		return status->loan_count ? "left something unsettled"
					  : "failed, and what it left is settled since";
	default:
		return "failed";
	}
}

static void print_handover(const struct guest_status *status, enum handover_operation operation,
			   bool whole)
{
	const struct handover *handover = &status->last[operation];
	auto_free char *guest = text_escape(status->guest), *at = time_local(handover->at);
	auto_free char *took = status_duration(handover->duration_ms);
	auto_free char *first = NULL, *safe = NULL;

	printf("%s: the last %s (%s, %s) %s", guest, handover_operation_name(operation), at, took,
	       result_words(status, handover));
	if (!handover->message || whole) {
		printf("%s\n", handover->message ? ":" : ".");
		print_message(handover->message, "  ");
		return;
	}
	first = xasprintf("%.*s", (int)strcspn(handover->message, "\n"), handover->message);
	safe = text_escape(first);
	printf(": %s\n", safe);
}

/* The lines below the table: true if there is any. */
static bool has_words(const struct guest_status *status, bool whole)
{
	for (size_t i = 0; i < status->loan_count; i++)
		if (status->loans[i].note)
			return true;
	for (int i = 0; i < HANDOVER_OPERATIONS; i++)
		if (status_is_error(&status->last[i]) ||
		    (whole && status->last[i].result != HANDOVER_NONE))
			return true;
	return false;
}

static void print_words(const struct statuses *statuses, bool whole, bool behind_table)
{
	bool any = false;

	for (size_t i = 0; i < statuses->count; i++) {
		const struct guest_status *status = &statuses->items[i];

		if (!has_words(status, whole))
			continue;
		if (!any && behind_table)
			putchar('\n');
		any = true;
		print_notes(status);
		for (int j = 0; j < HANDOVER_OPERATIONS; j++)
			if (status_is_error(&status->last[j]) ||
			    (whole && status->last[j].result != HANDOVER_NONE))
				print_handover(status, (enum handover_operation)j, whole);
	}
}

static void note_nothing(const struct status_request *request)
{
	if (request->guest_count == 0)
		command_note("no guest has a device on loan");
	for (int i = 0; i < request->guest_count; i++)
		command_note("%s has no device on loan, and no hand-over of it is recorded since "
			     "the host was started",
			     request->guests[i]);
}

static bool has_errors(const struct statuses *statuses)
{
	for (size_t i = 0; i < statuses->count; i++)
		for (int j = 0; j < HANDOVER_OPERATIONS; j++)
			if (status_is_error(&statuses->items[i].last[j]))
				return true;
	return false;
}

static int print_for_people(const struct statuses *statuses, const struct status_request *request,
			    struct error *err)
{
	bool whole = request->guest_count > 0;
	size_t count = 0;
	int ret = print_table(statuses, &request->output, &count, err);

	if (ret < 0)
		return ret;
	if (request->output.format == OUTPUT_COLUMNS)
		print_words(statuses, whole, count > 0);
	if (count == 0 && !(whole && statuses->count) && !has_errors(statuses))
		note_nothing(request);
	return 0;
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
			     : print_for_people(&statuses, request, err);
}

static int run_request(const struct status_request *request)
{
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	bool bad = false;

	if (!request->root && geteuid() != 0) {
		command_note("only root may read what is recorded of guests: run this with sudo");
		return COMMAND_FAILED;
	}
	if (host_open(&host, request->root ? request->root : "/",
		      request->root ? NULL : &host_ops_look, NULL, &err) < 0)
		return command_fail(&err);
	if (request->wait && status_wait(&host, request, &err) < 0)
		return command_fail(&err);
	if (show(&host, request, &bad, &err) < 0)
		return command_fail(&err);
	return bad ? COMMAND_FAILED : COMMAND_DONE;
}

/* --- options --- */

enum { OPTION_ROOT = 256, OPTION_TIMINGS, OPTION_WAIT, OPTION_TIMEOUT, OPTION_METRICS };

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'J'},
	{"raw", no_argument, NULL, 'r'},
	{"noheadings", no_argument, NULL, 'n'},
	{"output", required_argument, NULL, 'o'},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"timings", no_argument, NULL, OPTION_TIMINGS},
	{"wait", no_argument, NULL, OPTION_WAIT},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"metrics", no_argument, NULL, OPTION_METRICS},
	{"help", no_argument, NULL, 'h'},
	{0},
};

struct flags {
	bool raw;
	const char *output, *timeout;
};

/* False: the command is over. */
static bool take_option(int option, struct status_request *request, struct flags *flags,
			int *ret_status)
{
	switch (option) {
	case 'J':
		request->json = true;
		return true;
	case 'r':
		flags->raw = true;
		return true;
	case 'n':
		request->output.no_headings = true;
		return true;
	case 'o':
		flags->output = optarg;
		return true;
	case OPTION_ROOT:
		request->root = optarg;
		return true;
	case OPTION_TIMINGS:
		request->timings = true;
		return true;
	case OPTION_WAIT:
		request->wait = true;
		return true;
	case OPTION_TIMEOUT:
		flags->timeout = optarg;
		return true;
	case OPTION_METRICS:
		request->metrics = true;
		return true;
	case 'h':
		*ret_status = command_help(&status_command);
		return false;
	default:
		*ret_status = command_try_help(&status_command);
		return false;
	}
}

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
static int check_flags(struct status_request *request, const struct flags *flags)
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
static int read_output(struct status_request *request, const struct flags *flags)
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
	struct flags flags = {0};
	int option, status;

	while ((option = getopt_long(argc, argv, "Jrno:h", long_options, NULL)) != -1)
		if (!take_option(option, &request, &flags, &status))
			return status;
	request.guests = argv + optind;
	request.guest_count = argc - optind;
	status = check_flags(&request, &flags);
	if (status == COMMAND_DONE)
		status = read_output(&request, &flags);
	return status == COMMAND_DONE ? run_request(&request) : status;
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
