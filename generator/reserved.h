/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/choices.h"
#include "generator/draft.h"
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

/* Puts the devices, their home drivers, group members and places among twins into the record. */
void reserved_promise(const struct generate_facts *facts, const struct reserved *reserved,
		      struct draft *draft);

/* Tells of twins of which some are reserved by address and some stay with the host. */
void reserved_note_twins(const struct generate_facts *facts, const struct reserved *reserved,
			 struct draft *draft);

/*
 * Refuses to reserve by ids where a device that stays with the host has one of these ids as well,
 * and where somebody else gives vfio-pci a list of ids.
 */
void reserved_check_ids(const struct generate_facts *facts, const struct reserved *reserved,
			struct draft *draft);
