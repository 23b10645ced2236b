/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "model/snapshot.h"

enum picture_verdict {
	PICTURE_UNKNOWN,
	PICTURE_FREE,
	PICTURE_LENT,   /* a guest has it */
	PICTURE_IN_USE, /* the host uses it, and may be made to let go */
	PICTURE_NEVER,  /* the host cannot do without it */
};

/* What is to be drawn of an IOMMU group besides its members. */
struct picture_group {
	int number;
	enum picture_verdict verdict;
	const char *text;         /* of the verdict, for people: "free", "lent to win11" */
	const char *const *has;   /* guests that have it now; NULL-terminated, or NULL */
	const char *const *names; /* the same of guests that only name it */
};

/*
 * The snapshot's PCI tree in Graphviz's language: root buses, bridges and endpoints from left to
 * right, IOMMU groups as boxes around their members in the colours of their verdicts, and guests.
 * The devices' names must be filled in. Of a group that is not in the list nothing is known.
 */
void picture_dot(const struct snapshot *snapshot, const struct picture_group *groups, size_t count,
		 struct text *out);

/*
 * Has this machine's Graphviz draw the picture. ENOENT names the package where there is none;
 * ETIMEDOUT after a minute.
 */
int picture_svg(const struct text *dot, struct text *ret, struct error *err);
