// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a look at the host's set-up brought to light, as a list that grows, and how grave it is.
 * Tests: unit/test-finding-id.c.
 */
#include "model/finding.h"

#include <stdlib.h>

#include "base/text.h"

const char *finding_status_name(enum finding_status status)
{
	static const char *const names[FINDING_STATUSES] = {
		[FINDING_IGNORED] = "ignored",
		[FINDING_OK] = "ok",
		[FINDING_NOTE] = "note",
		[FINDING_PROBLEM] = "problem",
	};

	return names[status];
}

void findings_done(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].subject);
		free(findings->items[i].note);
	}
	free(findings->items);
	*findings = (struct findings)FINDINGS_INIT;
}

void findings_add(struct findings *findings, enum finding_id id, enum finding_status status,
		  const char *subject, const char *format, ...)
{
	struct finding finding = {id, status, xstrdup(subject), NULL};
	va_list args;

	va_start(args, format);
	finding.note = xvasprintf(format, args);
	va_end(args);
	array_push(findings->items, findings->count, finding);
}

void findings_ignore(struct findings *findings, const struct finding_set *ignore)
{
	for (size_t i = 0; i < findings->count; i++)
		if (ignore->has[findings->items[i].id])
			findings->items[i].status = FINDING_IGNORED;
}

size_t findings_count(const struct findings *findings, enum finding_status status)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].status == status;
	return count;
}
