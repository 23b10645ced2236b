/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/disguise.h"

/* The recorder (the folder "record"), as one script for bash; its argument is the root. */
extern const char report_recorder[];

/* Titles of parts; the record is what tests/unpack-report takes out of a report. */
#define REPORT_RECORD "recorded host"
#define REPORT_VERSIONS "versions"

/* What the text of a part that is missing begins with. */
#define REPORT_MISSING "# This part is missing: "

struct report_part {
	const char *title;
	char *text; /* heap: what is in it, or why it is missing */
	bool missing;
};

struct report {
	struct report_part *parts;
	size_t count;
};

void report_done(struct report *report);

/* A part of its own; text is heap, and its owner is the report from now on. */
struct report_part *report_add(struct report *report, const char *title, char *text);

/*
 * What names this host has for itself, its users, places, interfaces and disks: from its files
 * alone, of which none is on a file system that may not answer.
 */
void report_names(const struct host *host, struct disguise *disguise);

/*
 * Runs what the parts hold, each within a time of its own, in an order in which no two of them look
 * at the same disk at once. root: an absolute path, or NULL for the running host.
 */
void report_collect(const struct host *host, const char *root, struct report *report);
