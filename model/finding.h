/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "model/finding-id.h"

/* How grave it is, least first. */
enum finding_status {
	FINDING_IGNORED, /* the admin does not want to hear of it */
	FINDING_OK,
	FINDING_NOTE,    /* good to know: nothing is lost, and guests start */
	FINDING_PROBLEM, /* the hook does not do its work, or something can be lost */
};
#define FINDING_STATUSES (FINDING_PROBLEM + 1)
const char *finding_status_name(enum finding_status status);

/* What was found about one subject, and what to do about it. Heap strings; not escaped: names of
 * files and guests may hold any character. */
struct finding {
	enum finding_id id;
	enum finding_status status;
	char *subject, *note;
};

struct findings {
	struct finding *items;
	size_t count;
};

#define FINDINGS_INIT                                                                              \
	{                                                                                          \
		.items = NULL, .count = 0                                                          \
	}

void findings_done(struct findings *findings);
void findings_add(struct findings *findings, enum finding_id id, enum finding_status status,
		  const char *subject, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* Findings whose id is in the set are FINDING_IGNORED from now on. */
void findings_ignore(struct findings *findings, const struct finding_set *ignore);
/* How many have this status. */
size_t findings_count(const struct findings *findings, enum finding_status status);
