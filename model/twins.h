/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/snapshot.h"

/*
 * Twins are devices that only their addresses tell apart: they have the same vendor, device,
 * subsystem and class. When a card is added, removed or moved, the firmware may give a twin's
 * address to another twin. The order of twins survives that: the second of three is still the
 * second of three if each bus has another number. If the place or the count has changed, the
 * address may have another twin now. Each PCI domain is counted by itself: its buses have their own
 * numbers, and some domains (Intel VMD's) appear only when their driver is loaded.
 */
struct twin_place {
	size_t rank, count; /* ascending by address, from 1; {1, 1}: it has no twin */
};

/* The same vendor, device and subsystem, whatever the class: what vfio-pci's option ids compares.
 */
bool twins_have_same_ids(const struct device *a, const struct device *b);

/* Are a and b twins? Both are in one PCI domain, and no virtual functions; a device is not its own
 * twin. */
bool twins_are(const struct device *a, const struct device *b);

void twin_place_of(const struct snapshot *snapshot, const struct device *device,
		   struct twin_place *ret);

bool twin_place_equal(const struct twin_place *a, const struct twin_place *b);

/* Write and parse "2of3". False: it is no such text. */
void twin_place_format(const struct twin_place *place, struct text *out);
bool twin_place_parse(const char *text, struct twin_place *ret);
