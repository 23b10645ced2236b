// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer of hostdevctl status as one JSON object: the loans, and behind them what went wrong.
 * Tests: ctl/status.bats.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "hostdevctl/output/json.h"
#include "hostdevctl/status/status.h"

static void add_value(const char *value, struct text *out)
{
	if (value)
		json_string(value, out);
	else
		text_printf(out, "null");
}

static void add_name(const char *column, struct text *out)
{
	text_append(out, "\"", 1);
	for (; *column; column++)
		text_printf(out, "%c", tolower((unsigned char)*column));
	text_printf(out, "\": ");
}

static void add_loan(const struct guest_status *status, const struct loan_status *loan,
		     const struct output *output, struct text *out)
{
	char *row[STATUS_COLUMNS] = {NULL};

	status_fill_row(status, loan, true, row);
	text_printf(out, "\n      {");
	for (size_t i = 0; i < output->chosen_count; i++) {
		text_printf(out, "%s", i > 0 ? ", " : "");
		add_name(output->columns[output->chosen[i]].name, out);
		add_value(row[output->chosen[i]], out);
	}
	text_printf(out, "}");
	for (size_t i = 0; i < STATUS_COLUMNS; i++)
		free(row[i]);
}

static void add_error(const struct guest_status *status, enum handover_operation operation,
		      struct text *out)
{
	const struct handover *handover = &status->last[operation];
	auto_free char *at = status_time_iso(handover->at);

	text_printf(out, "\n      {");
	json_member("guest", status->guest, ", ", out);
	json_member("uuid", status->uuid, ", ", out);
	json_member("operation", handover_operation_name(operation), ", ", out);
	json_member("result", handover_result_name(handover->result), ", ", out);
	json_member("at", at, ", ", out);
	text_printf(out, "\"ms\": %" PRIu64 ", \"message\": ", handover->duration_ms);
	add_value(handover->message, out);
	text_printf(out, "}");
}

int status_print_json(const struct statuses *statuses, const struct output *output,
		      struct error *err)
{
	auto_text struct text out = TEXT_INIT;
	const char *comma = "";

	(void)err;
	text_printf(&out, JSON_OPENING "\"loans\": [");
	for (size_t i = 0; i < statuses->count; i++)
		for (size_t j = 0; j < statuses->items[i].loan_count; j++) {
			text_printf(&out, "%s", comma);
			add_loan(&statuses->items[i], &statuses->items[i].loans[j], output, &out);
			comma = ",";
		}
	text_printf(&out, "\n   ],\n   \"errors\": [");
	comma = "";
	for (size_t i = 0; i < statuses->count; i++)
		for (int j = 0; j < HANDOVER_OPERATIONS; j++) {
			if (!status_is_error(&statuses->items[i].last[j]))
				continue;
			text_printf(&out, "%s", comma);
			add_error(&statuses->items[i], (enum handover_operation)j, &out);
			comma = ",";
		}
	text_printf(&out, "\n   ]\n}\n");
	fputs(out.data, stdout);
	return 0;
}
