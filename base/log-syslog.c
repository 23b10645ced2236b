// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same lines for systems without libsystemd: syslog, which has no fields.
 */
#include "base/log.h"

#include <stddef.h>
#include <syslog.h>

#include "base/log-patience.h"

static void (*log_sink)(enum log_level, const struct log_fields *, const char *);

void log_set_sink(void (*sink)(enum log_level level, const struct log_fields *fields,
			       const char *message))
{
	log_sink = sink;
}

void log_write(enum log_level level, const struct log_fields *fields, const char *message)
{
	if (log_sink) {
		log_sink(level, fields, message);
		return;
	}
	if (!log_patience_begin())
		return;
	openlog("hostdev-hook", LOG_PID, LOG_DAEMON);
	syslog((int)level, "%s", message);
	closelog();
	log_patience_end();
}
