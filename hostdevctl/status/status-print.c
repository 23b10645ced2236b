// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer of hostdevctl status for people: the table, and what there is to be said below it.
 * Tests: ctl/status.bats.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/output/table.h"
#include "hostdevctl/status/status.h"

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

int status_print(const struct statuses *statuses, const struct status_request *request,
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
