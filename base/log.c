// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a line goes: into the system's journal with its fields, or into syslog, which has none,
 * where no journal listens.
 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/alarm.h"
#include "base/cleanup.h"
#include "base/host.h"
#include "base/log-entry.h"
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

/*
 * A log that does not read what it is sent (its queue is full, it is stuck itself) must not hold up
 * whoever writes: between patience_begin and patience_end a call ends after a while. A line that is
 * not taken is lost, and after some of them the log is taken for dead, as the host's state matters
 * more than its description.
 */
#define LINE_MS 1000
#define ALL_MS 5000

static struct alarms alarms;
static uint64_t began_ms, lost_ms;

/* False: so much time was lost with it that this process says no more. */
static bool patience_begin(void)
{
	if (lost_ms >= ALL_MS)
		return false;
	began_ms = host_now_ms();
	alarms_begin(&alarms, LINE_MS);
	return true;
}

static void patience_end(void)
{
	uint64_t took_ms = host_now_ms() - began_ms;

	alarms_end(&alarms);
	if (took_ms >= LINE_MS)
		lost_ms += took_ms;
}

void log_write(enum log_level level, const struct log_fields *fields, const char *message)
{
	if (log_sink)
		log_sink(level, fields, message);
	else if (patience_begin()) {
		write_line(level, fields, message);
		patience_end();
	}
	show(message);
}
