/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line that hostdev-hook has logged. Heap strings. */
struct log_line {
	char *time;    /* as the log has it; NULL where at_us tells it */
	int64_t at_us; /* since 1970 */
	char *guest;   /* or NULL */
	char *message;
};

struct log_lines {
	struct log_line *items; /* the oldest first */
	size_t count;
};

void log_lines_done(struct log_lines *lines);
#define auto_log_lines __attribute__((__cleanup__(log_lines_done)))

/*
 * Adds the entries of the system's journal that have a message, from its export format ("journalctl
 * -o export"; systemd's "Journal Export Formats"). What is none of that is passed over.
 */
void log_lines_parse_export(const char *data, size_t length, struct log_lines *lines);

/*
 * Adds the last lines of a file that syslog writes, of hostdev-hook alone, and of this guest (as it
 * is called in our messages), if it is not NULL: not more than limit.
 */
void log_lines_parse_syslog(const char *data, size_t length, const char *guest, size_t limit,
			    struct log_lines *lines);
