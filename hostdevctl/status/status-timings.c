// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl status --timings: where the time of the last lend and return has gone.
 * Tests: ctl/status.bats.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/output/table.h"
#include "hostdevctl/status/status.h"
#include "model/snapshot.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"

enum timings_column {
	COLUMN_GUEST,
	COLUMN_OPERATION,
	COLUMN_MS,
	COLUMN_STEP,
	COLUMN_DEED,
	COLUMNS
};

const struct output_column status_timings_columns[COLUMNS] = {
	[COLUMN_GUEST] = {.name = "GUEST"},
	[COLUMN_OPERATION] = {.name = "OPERATION"},
	[COLUMN_MS] = {.name = "MS", .type = OUTPUT_NUMBER},
	[COLUMN_STEP] = {.name = "STEP"},
	[COLUMN_DEED] = {.name = "DEED", .on_request = true},
};
const size_t status_timings_column_count = COLUMNS;

/* A device that a step speaks of. */
static void add_device(const struct host *host, const char *target, struct snapshot *snapshot)
{
	struct device device;
	struct pci_addr addr;

	if (!pci_addr_parse(target, &addr) || snapshot_device(snapshot, &addr) ||
	    pci_identity_read(host, &addr, &device, NULL) < 0)
		return;
	array_push(snapshot->devices, snapshot->device_count, device);
}

static void read_devices(const struct host *host, const struct statuses *statuses,
			 struct snapshot *ret)
{
	for (size_t i = 0; i < statuses->count; i++)
		for (int j = 0; j < HANDOVER_OPERATIONS; j++)
			for (size_t k = 0; k < statuses->items[i].last[j].step_count; k++)
				add_device(host, statuses->items[i].last[j].steps[k].target, ret);
	if (ret->device_count > 0)
		names_fill(ret);
}

/* "driver 0000:01:00.0 (NVIDIA GA102)", and what became of it where that is no success. Heap. */
static char *step_words(const struct handover_step *step, const struct snapshot *devices)
{
	const char *behind = step->deed == DEED_FAILED ? " (failed)"
			     : step->deed == DEED_LEFT ? " (left alone)"
						       : "";
	const struct device *device = NULL;
	struct pci_addr addr;

	if (pci_addr_parse(step->target, &addr))
		device = snapshot_device(devices, &addr);
	return xasprintf("%s %s%s", step_kind_name(step->kind),
			 device ? LABEL(device) : step->target, behind);
}

static int by_duration(const void *a, const void *b)
{
	const struct handover_step *one = *(const struct handover_step *const *)a;
	const struct handover_step *other = *(const struct handover_step *const *)b;

	if (one->duration_ms != other->duration_ms)
		return one->duration_ms < other->duration_ms ? 1 : -1;
	/* Else in their own order. */
	return one < other ? -1 : one > other;
}

static char **add_row(struct table_rows *rows, const struct guest_status *status,
		      enum handover_operation operation, uint64_t ms)
{
	char **row = table_rows_add(rows);

	row[COLUMN_GUEST] = xstrdup(status->guest);
	row[COLUMN_OPERATION] = xstrdup(handover_operation_name(operation));
	row[COLUMN_MS] = xasprintf("%" PRIu64, ms);
	return row;
}

static void add_handover(const struct guest_status *status, enum handover_operation operation,
			 const struct snapshot *devices, struct table_rows *rows)
{
	const struct handover *handover = &status->last[operation];
	auto_free const struct handover_step **steps =
		xcalloc(handover->step_count + 1, sizeof(const struct handover_step *));
	char **row;

	if (handover->result == HANDOVER_NONE)
		return;
	for (size_t i = 0; i < handover->step_count; i++)
		steps[i] = &handover->steps[i];
	qsort(steps, handover->step_count, sizeof(const struct handover_step *), by_duration);
	for (size_t i = 0; i < handover->step_count; i++) {
		row = add_row(rows, status, operation, steps[i]->duration_ms);
		row[COLUMN_STEP] = step_words(steps[i], devices);
		row[COLUMN_DEED] = xstrdup(handover_deed_name(steps[i]->deed));
	}
	row = add_row(rows, status, operation, handover->duration_ms);
	row[COLUMN_STEP] = xstrdup("total");
	row[COLUMN_DEED] = xstrdup(handover_result_name(handover->result));
}

int status_print_timings(const struct host *host, const struct statuses *statuses,
			 const struct output *output, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	auto_snapshot struct snapshot devices = {0};

	read_devices(host, statuses, &devices);
	for (size_t i = 0; i < statuses->count; i++)
		for (int j = 0; j < HANDOVER_OPERATIONS; j++)
			add_handover(&statuses->items[i], (enum handover_operation)j, &devices,
				     &rows);
	if (rows.count == 0 && output->format != OUTPUT_JSON) {
		command_note("no hand-over is recorded since the host was started");
		return 0;
	}
	return output_print(output, rows.cells, rows.count, err);
}
