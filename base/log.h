/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6
};

/* What a line is about: fields by which an admin can filter the journal. Each may be NULL. */
struct log_fields {
	const char *guest;   /* HOSTDEV_GUEST */
	const char *uuid;    /* HOSTDEV_UUID */
	const char *device;  /* HOSTDEV_DEVICE: an address */
	int64_t duration_ms; /* HOSTDEV_DURATION_MS; negative: none */
};

/*
 * Writes one line to the system's journal (identifier "hostdev-hook"), or to syslog where there is
 * none. Never fails: a run must not end because nobody listens.
 */
void log_write(enum log_level level, const struct log_fields *fields, const char *message);

/*
 * From now on each line that this process writes goes to standard error as well: for a person at a
 * terminal, who sees how far a long hand-over has come. Its children do not, as some outlive it.
 */
void log_show(void);

/* Sends the lines elsewhere: for tests. NULL: back to the system's. */
void log_set_sink(void (*sink)(enum log_level level, const struct log_fields *fields,
			       const char *message));
