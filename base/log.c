// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a line goes: into the system's journal with its fields, or into syslog, which has none,
 * where no journal listens.
 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log-entry.h"
#include "base/log-patience.h"
#include "base/text.h"

#define IDENTIFIER "hostdev-hook"
#define SOCKET "/run/systemd/journal/socket"

static void (*log_sink)(enum log_level, const struct log_fields *, const char *);

void log_set_sink(void (*sink)(enum log_level level, const struct log_fields *fields,
			       const char *message))
{
	log_sink = sink;
}

static pid_t shown_by; /* 0: lines are not shown */

void log_show(void)
{
	shown_by = getpid();
}

static void show(const char *message)
{
	auto_free char *safe = NULL;

	if (shown_by == 0 || shown_by != getpid())
		return;
	safe = text_escape(message);
	fprintf(stderr, "%s\n", safe);
}

static int write_journal(enum log_level level, const struct log_fields *fields, const char *message)
{
	auto_free char *priority = xasprintf("%d", (int)level);
	auto_free char *duration = NULL;
	auto_text struct text entry = TEXT_INIT;

	if (fields->duration_ms >= 0)
		duration = xasprintf("%" PRId64, fields->duration_ms);
	log_entry_add(&entry, "MESSAGE", message);
	log_entry_add(&entry, "PRIORITY", priority);
	log_entry_add(&entry, "SYSLOG_IDENTIFIER", IDENTIFIER);
	log_entry_add(&entry, "HOSTDEV_GUEST", fields->guest);
	log_entry_add(&entry, "HOSTDEV_UUID", fields->uuid);
	log_entry_add(&entry, "HOSTDEV_DEVICE", fields->device);
	log_entry_add(&entry, "HOSTDEV_DURATION_MS", duration);
	return log_entry_send(&entry, SOCKET);
}

static void write_line(enum log_level level, const struct log_fields *fields, const char *message)
{
	int ret = write_journal(level, fields, message);

	/* A journal that does not read is mostly what syslog would write to as well. */
	if (ret == 0 || ret == -EINTR)
		return;
	openlog(IDENTIFIER, LOG_PID, LOG_DAEMON);
	syslog((int)level, "%s", message);
	closelog();
}

void log_write(enum log_level level, const struct log_fields *fields, const char *message)
{
	if (log_sink)
		log_sink(level, fields, message);
	else if (log_patience_begin()) {
		write_line(level, fields, message);
		log_patience_end();
	}
	show(message);
}
