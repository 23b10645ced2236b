// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a pass over the processes has found. Tests: unit/test-processes.c.
 */
#include "scan/scan.h"

#include <stdlib.h>

#include "base/text.h"

void scan_done(struct scan *scan)
{
	free(scan->hits);
	free(scan->gaps);
	*scan = (struct scan){0};
}

void scan_add_gap(struct scan *scan, pid_t pid, int code)
{
	array_push(scan->gaps, scan->gap_count, (struct scan_gap){.pid = pid, .code = code});
}

void scan_add_hit(struct scan *scan, const struct scan_hit *hit)
{
	array_push(scan->hits, scan->hit_count, *hit);
}
