/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/choices.h"
#include "generator/selection.h"

/* The functions that are reserved together: those of whole groups, without bridges. */
struct reserved {
	const struct snapshot *snapshot;
	const struct device **devices; /* heap, of the snapshot's; ascending by address */
	size_t count;
};
void reserved_done(struct reserved *reserved);
#define auto_reserved __attribute__((__cleanup__(reserved_done)))
void reserved_add(struct reserved *reserved, const struct device *device);
/* All groups that are selected. */
void reserved_of_selection(const struct selection *selection, struct reserved *ret);
void reserved_of_choice(const struct selection *selection, const struct choice *choice,
			struct reserved *ret);

bool reserved_has(const struct reserved *reserved, const struct device *device);

/* Has the device a twin (model/twins.h) that is not reserved with it? */
bool reserved_leaves_twin(const struct reserved *reserved, const struct device *device);
