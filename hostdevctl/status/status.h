/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "hostdevctl/output/output.h"
#include "session/status.h"

enum status_column {
	STATUS_GUEST,
	STATUS_ADDRESS,
	STATUS_NAME,
	STATUS_DRIVER,
	STATUS_SINCE,
	STATUS_STATE,
	STATUS_UUID,
	STATUS_NOTE,
	STATUS_COLUMNS
};

/* What "hostdevctl status" was asked for. */
struct status_request {
	char **guests; /* names or UUIDs; none: all. Not owned */
	int guest_count;
	char **found;     /* heap; what guests points to once they are found */
	const char *root; /* or NULL */
	struct output output;
	bool timings, metrics, wait;
	const char *file;      /* of --metrics; NULL: stdout */
	uint64_t timeout_ms;   /* of --wait; 0: none */
	bool has_output, json; /* --output was given; --json */
};

/*
 * The guest that a word means: the name or UUID of one that is in statuses or in libvirt's files,
 * or the number of one that runs. Heap: a name or UUID. ENOENT: this host has guests, and none of
 * them is meant.
 */
int status_find_guest(const struct host *host, const struct statuses *statuses, const char *word,
		      char **ret, struct error *err);
/* The same for all that the request names, which then has what was found. */
int status_find_guests(const struct host *host, struct status_request *request, struct error *err);

/* Is it the guest of that name or UUID? */
bool status_is_of(const struct guest_status *status, const char *guest);
/* Leaves in statuses those that were asked for. */
void status_select(const struct status_request *request, struct statuses *statuses);

/* 2026-11-30T18:53:00Z; heap. */
char *status_time_iso(int64_t at);
/* "2 h ago", by now; heap. */
char *status_time_ago(int64_t at, int64_t now);

/* "0.2 s" */
char *status_duration(uint64_t ms);

/* Has a lend or return come to something else than what it was for? */
bool status_is_error(const struct handover *handover);

/* Each prints its answer on stdout. The first is for people, and for --raw. */
int status_print(const struct statuses *statuses, const struct status_request *request,
		 struct error *err);
int status_print_json(const struct statuses *statuses, const struct output *output,
		      struct error *err);
int status_print_timings(const struct host *host, const struct statuses *statuses,
			 const struct output *output, struct error *err);

/* The cells of one device's row, and whether its time is for people. Heap strings. */
void status_fill_row(const struct guest_status *status, const struct loan_status *loan, bool iso,
		     char **row);

/*
 * Returns when nobody is at work on the guests that were asked for. ETIMEDOUT: who still is.
 */
int status_wait(const struct host *host, const struct status_request *request, struct error *err);

/* Metrics for Prometheus, to the request's file or stdout. */
int status_metrics(const struct host *host, const struct statuses *statuses,
		   const struct status_request *request, struct error *err);
extern const struct output_column status_timings_columns[];
extern const size_t status_timings_column_count;
