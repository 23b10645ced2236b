/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* How grave it is, least first. */
enum finding_status {
	FINDING_OK,
	FINDING_NOTE,    /* good to know */
	FINDING_WARNING, /* something will not work that may be wanted */
	FINDING_FAULT,   /* the hook does not do its work, or others may tell it what to do */
};
const char *finding_status_name(enum finding_status status);

/* What was found of one thing: what it means, and what to do about it. Heap strings, with whatever
 * names of files and guests hold. */
struct finding {
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
void findings_add(struct findings *findings, enum finding_status status, const char *subject,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* FINDING_OK where there are none. */
enum finding_status findings_worst(const struct findings *findings);
