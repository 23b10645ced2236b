// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long a process waits for its log: a line that is not taken is lost, and after some of them
 * the log is taken for dead, as the host's state matters more than its description.
 * Tests: unit/test-log.c.
 */
#include "base/log-patience.h"

#include <stdint.h>

#include "base/alarm.h"
#include "base/host.h"

#define LINE_MS 1000
#define ALL_MS 5000

static struct alarms alarms;
static uint64_t began_ms, lost_ms;

bool log_patience_begin(void)
{
	if (lost_ms >= ALL_MS)
		return false;
	began_ms = host_now_ms();
	alarms_begin(&alarms, LINE_MS);
	return true;
}

void log_patience_end(void)
{
	uint64_t took_ms = host_now_ms() - began_ms;

	alarms_end(&alarms);
	if (took_ms >= LINE_MS)
		lost_ms += took_ms;
}
