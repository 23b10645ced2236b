// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl log: what the hook has logged of a guest's last hand-overs, from the system's journal,
 * from syslog's files where there is no journal, and from the guest's own record where there is
 * neither.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/output/json.h"
#include "hostdevctl/status/status.h"
#include "parsers/log-lines.h"

#define LINES_USUAL 50
#define LINES_MAX 100000
#define IDENTIFIER "hostdev-hook"

struct log_request {
	const char *guest; /* name or UUID; NULL: all */
	const char *root;  /* or NULL */
	size_t limit;
	bool json;
};

/* What is found, and where. */
struct finds {
	struct log_lines lines;
	bool any_log; /* there is a log that may be read */
	char *guest;  /* heap: the guest's name or UUID; NULL: all are asked for */
	char *name;   /* heap: its name, as far as that is known */
	struct statuses statuses;
};

static void finds_done(struct finds *finds)
{
	log_lines_done(&finds->lines);
	statuses_done(&finds->statuses);
	free(finds->guest);
	free(finds->name);
}

/* Our messages name guests; a UUID is known by what is recorded. */
static int find_name(const struct host *host, const struct log_request *request,
		     struct finds *finds, struct error *err)
{
	int ret;

	statuses_read(host, &finds->statuses, NULL);
	if (!request->guest)
		return 0;
	ret = status_find_guest(host, &finds->statuses, request->guest, &finds->guest, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < finds->statuses.count && !finds->name; i++)
		if (status_is_of(&finds->statuses.items[i], finds->guest))
			finds->name = xstrdup(finds->statuses.items[i].guest);
	if (!finds->name && !guest_uuid_valid(finds->guest))
		finds->name = xstrdup(finds->guest);
	return 0;
}

/* --- the system's journal --- */

/* Not all that is logged of a guest has its UUID. */
static int run_journalctl(struct host *host, const char *program, const struct log_request *request,
			  const struct finds *finds, struct text *said)
{
	auto_free char *count = xasprintf("--lines=%zu", request->limit);
	auto_free char *match = NULL;
	char *argv[] = {(char *)program, (char *)"--quiet", (char *)"--no-pager",
			(char *)"--output=export", count, (char *)"SYSLOG_IDENTIFIER=" IDENTIFIER,
			/* Any user may log under our name, but the kernel tells whose it is. */
			(char *)"_UID=0", NULL, NULL};

	if (finds->name)
		match = xasprintf("HOSTDEV_GUEST=%s", finds->name);
	else if (finds->guest)
		match = xasprintf("HOSTDEV_UUID=%s", finds->guest);
	argv[7] = match;
	return host_command_run(host, argv, said, NULL);
}

static void read_journal(struct host *host, const struct log_request *request, struct finds *finds)
{
	static const char *const programs[] = {"/usr/bin/journalctl", "/bin/journalctl"};

	finds->any_log = host_exists(host, HOST_RUN, "systemd/journal");
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		auto_text struct text said = TEXT_INIT;

		if (!host_exists(host, HOST_ROOT, "%s", programs[i] + 1))
			continue;
		/* Some versions fail where there is no entry. */
		finds->any_log |= run_journalctl(host, programs[i], request, finds, &said) == 0;
		if (said.data)
			log_lines_parse_export(said.data, said.length, &finds->lines);
		return;
	}
}

/* --- syslog --- */

static void read_syslog(const struct host *host, const struct log_request *request,
			struct finds *finds)
{
	static const char *const paths[] = {"var/log/syslog", "var/log/messages"};
	auto_free char *name = finds->name ? text_escape(finds->name) : NULL;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && finds->lines.count == 0; i++) {
		struct host_map map;

		if (host_map_file(host, HOST_ROOT, &map, NULL, "%s", paths[i]) < 0)
			continue;
		finds->any_log = true;
		if (map.data && (name || !request->guest))
			log_lines_parse_syslog(map.data, map.length, name, request->limit,
					       &finds->lines);
		host_unmap(&map);
	}
}

/* --- the record --- */

static void add_record(const struct guest_status *status, enum handover_operation operation,
		       struct log_lines *lines)
{
	const struct handover *handover = &status->last[operation];
	auto_free char *took = status_duration(handover->duration_ms);
	struct log_line *line;

	if (handover->result == HANDOVER_NONE)
		return;
	lines->items = array_grow(lines->items, lines->count, sizeof(*lines->items));
	line = &lines->items[lines->count++];
	*line = (struct log_line){.at_us = handover->at * 1000000};
	line->guest = xstrdup(status->guest);
	line->message = xasprintf(
		"%s: %s: %s after %s%s%s", status->guest, handover_operation_name(operation),
		handover_result_name(handover->result), took, handover->message ? ": " : "",
		handover->message ? handover->message : "");
	text_join_lines(line->message);
}

static int by_time(const void *a, const void *b)
{
	const struct log_line *one = a, *other = b;

	return one->at_us < other->at_us ? -1 : one->at_us > other->at_us;
}

static void read_records(struct finds *finds)
{
	struct log_lines *lines = &finds->lines;

	for (size_t i = 0; i < finds->statuses.count; i++)
		for (int j = 0; j < HANDOVER_OPERATIONS; j++)
			if (!finds->guest || status_is_of(&finds->statuses.items[i], finds->guest))
				add_record(&finds->statuses.items[i], (enum handover_operation)j,
					   lines);
	if (lines->count > 1)
		qsort(lines->items, lines->count, sizeof(*lines->items), by_time);
}

/* --- the answer --- */

static char *time_of(const struct log_line *line)
{
	time_t seconds = (time_t)(line->at_us / 1000000);
	char text[64];
	struct tm parts;

	if (line->time)
		return xstrdup(line->time);
	if (!localtime_r(&seconds, &parts) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
		return xasprintf("%" PRId64, (int64_t)seconds);
	return xstrdup(text);
}

static void print_lines(const struct log_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		auto_free char *message = xstrdup(lines->items[i].message);
		auto_free char *time = time_of(&lines->items[i]);
		auto_free char *safe_time = text_escape(time), *safe = NULL;

		/* A name of a guest is escaped already: its backslashes are ours. */
		text_join_lines(message);
		safe = command_escape(message);
		printf("%s %s\n", safe_time, safe);
	}
}

static void print_json(const struct log_lines *lines)
{
	auto_text struct text out = TEXT_INIT;

	text_printf(&out, JSON_OPENING "\"lines\": [");
	for (size_t i = 0; i < lines->count; i++) {
		const struct log_line *line = &lines->items[i];
		auto_free char *iso =
			line->time ? xstrdup(line->time) : status_time_iso(line->at_us / 1000000);

		text_printf(&out, "%s\n      {", i > 0 ? "," : "");
		json_member("time", iso, ", ", &out);
		json_member("guest", line->guest, ", ", &out);
		json_member("message", line->message, "}", &out);
	}
	text_printf(&out, "\n   ]\n}\n");
	fputs(out.data, stdout);
}

/* An exit status. */
static int tell_nothing(const struct log_request *request, const struct finds *finds)
{
	if (finds->any_log && request->guest) {
		command_note("nothing is logged of %s: see that this is the guest's name "
			     "(virsh list --all); a log that is kept in memory alone begins with "
			     "the last start of the host",
			     request->guest);
		return COMMAND_DONE;
	}
	if (finds->any_log) {
		command_note("the hook has logged nothing yet: start a guest that has a host "
			     "device");
		return COMMAND_DONE;
	}
	command_note("this host keeps no log that could be read: neither the journal of systemd "
		     "nor /var/log/syslog or /var/log/messages, and no hand-over is recorded since "
		     "the host was started. Start systemd-journald or a syslog daemon, and start "
		     "the guest again");
	return COMMAND_FAILED;
}

/* An exit status. */
static int show(struct host *host, const struct log_request *request)
{
	cleanup(finds_done) struct finds finds = {0};
	struct error err = ERROR_INIT;

	if (find_name(host, request, &finds, &err) < 0)
		return command_fail(&err);
	/* Of another root, the files alone. */
	if (!request->root)
		read_journal(host, request, &finds);
	if (finds.lines.count == 0)
		read_syslog(host, request, &finds);
	if (finds.lines.count == 0)
		read_records(&finds);
	if (request->json)
		print_json(&finds.lines);
	else if (finds.lines.count > 0)
		print_lines(&finds.lines);
	if (finds.lines.count > 0 || (request->json && finds.any_log))
		return COMMAND_DONE;
	return tell_nothing(request, &finds);
}

/* --- options --- */

static bool read_limit(const char *text, size_t *ret)
{
	unsigned long number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	number = strtoul(text, &end, 10);
	*ret = number;
	return !*end && number > 0 && number <= LINES_MAX;
}

static char *take_lines(void *data, const struct command_option *option, const char *argument)
{
	(void)option;
	return read_limit(argument, data)
		       ? NULL
		       : xasprintf("--lines takes a number from 1 to %d", LINES_MAX);
}

static int log_run(int argc, char **argv)
{
	struct log_request request = {.limit = LINES_USUAL};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	const struct command_option options[] = {
		{"json", 'J', .flag = &request.json},
		{"lines", 'n', .take = take_lines, .data = &request.limit,
		 .has_argument = required_argument},
		{"root", .value = &request.root},
		{0},
	};
	int status;

	if (!command_options(&log_command, options, argc, argv, &status))
		return status;
	if (argc - optind > 1)
		return command_misuse(&log_command, "log takes at most one GUEST or UUID");
	request.guest = argv[optind];
	if (!request.root && !command_is_root("read all logs"))
		return COMMAND_FAILED;
	/* A host that is only looked at runs no program, and journalctl is one. */
	if (command_open(request.root, &host_ops_kernel, &host, &err) < 0)
		return command_fail(&err);
	return show(&host, &request);
}

const struct command log_command = {
	.name = "log",
	.run = log_run,
	.synopsis = "[OPTION...] [GUEST]",
	.summary = "show what was logged of the last hand-overs",
	.help = "GUEST is a name or a UUID; without it, those of all guests. The log is the "
		"journal "
		"of\nsystemd, or what syslog writes, or else what is recorded of the last lend and "
		"return.\n\n"
		"  -n, --lines N      the last N lines (50)\n"
		"  -J, --json         print JSON\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
