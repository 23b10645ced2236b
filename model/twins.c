// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that are alike, and how they are told apart when addresses move.
 */
#include "model/twins.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool twins_have_same_ids(const struct device *a, const struct device *b)
{
	return a->vendor == b->vendor && a->product == b->product && a->subvendor == b->subvendor &&
	       a->subproduct == b->subproduct;
}

bool twins_are(const struct device *a, const struct device *b)
{
	/* Virtual functions are there only once their driver has made them, which is no order of
	 * cards: nobody who counts early sees them. */
	return twins_have_same_ids(a, b) && a->class_code == b->class_code && !a->is_vf &&
	       !b->is_vf && a->addr.domain == b->addr.domain && !pci_addr_equal(&a->addr, &b->addr);
}

void twin_place_of(const struct snapshot *snapshot, const struct device *device,
		   struct twin_place *ret)
{
	struct twin_place place = {.rank = 1, .count = 1};

	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *other = &snapshot->devices[i];

		if (!twins_are(other, device))
			continue;
		place.count++;
		place.rank += pci_addr_compare(&other->addr, &device->addr) < 0;
	}
	*ret = place;
}

bool twin_place_equal(const struct twin_place *a, const struct twin_place *b)
{
	return a->rank == b->rank && a->count == b->count;
}

void twin_place_format(const struct twin_place *place, struct text *out)
{
	text_printf(out, "%zuof%zu", place->rank, place->count);
}

/* From 1; what follows it is left at *at. */
static bool take_number(const char **at, size_t *ret)
{
	char *end;
	unsigned long number;

	if (**at < '1' || **at > '9')
		return false;
	errno = 0;
	number = strtoul(*at, &end, 10);
	*at = end;
	*ret = number;
	return errno == 0;
}

bool twin_place_parse(const char *text, struct twin_place *ret)
{
	struct twin_place place;

	if (!take_number(&text, &place.rank) || !text_starts(text, "of"))
		return false;
	text += strlen("of");
	if (!take_number(&text, &place.count) || *text != '\0' || place.rank > place.count)
		return false;
	*ret = place;
	return true;
}
