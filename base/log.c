// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a line gets into the system's journal with its fields, or into syslog where no journal
 * listens. The only file that includes libsystemd's journal header.
 */
#include "base/log.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log-patience.h"
#include "base/text.h"

#define IDENTIFIER "hostdev-hook"

static void (*log_sink)(enum log_level, const struct log_fields *, const char *);

void log_set_sink(void (*sink)(enum log_level level, const struct log_fields *fields,
			       const char *message))
{
	log_sink = sink;
}

#define FIELDS_MAX 7

struct entry {
	struct iovec fields[FIELDS_MAX];
	char *texts[FIELDS_MAX];
	int count;
};

static void entry_done(struct entry *entry)
{
	for (int i = 0; i < entry->count; i++)
		free(entry->texts[i]);
}

static void entry_add(struct entry *entry, char *text)
{
	entry->texts[entry->count] = text;
	entry->fields[entry->count].iov_base = text;
	entry->fields[entry->count].iov_len = strlen(text);
	entry->count++;
}

static void entry_add_field(struct entry *entry, const char *name, const char *value)
{
	if (value)
		entry_add(entry, xasprintf("%s=%s", name, value));
}

static void write_journal(enum log_level level, const struct log_fields *fields,
			  const char *message)
{
	cleanup(entry_done) struct entry entry = {.count = 0};

	entry_add(&entry, xasprintf("MESSAGE=%s", message));
	entry_add(&entry, xasprintf("PRIORITY=%d", (int)level));
	entry_add(&entry, xstrdup("SYSLOG_IDENTIFIER=" IDENTIFIER));
	entry_add_field(&entry, "HOSTDEV_GUEST", fields->guest);
	entry_add_field(&entry, "HOSTDEV_UUID", fields->uuid);
	entry_add_field(&entry, "HOSTDEV_DEVICE", fields->device);
	if (fields->duration_ms >= 0)
		entry_add(&entry, xasprintf("HOSTDEV_DURATION_MS=%" PRId64, fields->duration_ms));
	sd_journal_sendv(entry.fields, entry.count);
}

static void write_line(enum log_level level, const struct log_fields *fields, const char *message)
{
	/* libsystemd calls a missing journal success. */
	if (access("/run/systemd/journal/socket", W_OK) == 0) {
		write_journal(level, fields, message);
		return;
	}
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
}
