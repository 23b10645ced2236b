// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which functions are reserved together. Tests: unit/test-typing.c, unit/test-static.c.
 */
#include "generator/reserved.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/image.h"
#include "model/twins.h"

void reserved_done(struct reserved *reserved)
{
	free(reserved->devices);
	memset(reserved, 0, sizeof(*reserved));
}

static int compare_devices(const void *a, const void *b)
{
	const struct device *const *one = a, *const *other = b;

	return pci_addr_compare(&(*one)->addr, &(*other)->addr);
}

void reserved_add(struct reserved *reserved, const struct device *device)
{
	array_push(reserved->devices, reserved->count, device);
	if (reserved->count > 1)
		qsort(reserved->devices, reserved->count, sizeof(const struct device *),
		      compare_devices);
}

static void add_group(const struct selection *selection, size_t place, struct reserved *reserved)
{
	const struct group *group = selection->groups[place].group;

	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->members[i]);

		if (device && selection_takes(selection, device))
			reserved_add(reserved, device);
	}
}

void reserved_of_selection(const struct selection *selection, struct reserved *ret)
{
	struct reserved reserved = {.snapshot = selection->snapshot};

	for (size_t i = 0; i < selection->group_count; i++)
		if (selection->groups[i].selected)
			add_group(selection, i, &reserved);
	*ret = reserved;
}

void reserved_of_choice(const struct selection *selection, const struct choice *choice,
			struct reserved *ret)
{
	struct reserved reserved = {.snapshot = selection->snapshot};

	for (size_t i = 0; i < choice->reserved_count; i++)
		add_group(selection, choice->reserved[i], &reserved);
	*ret = reserved;
}

bool reserved_has(const struct reserved *reserved, const struct device *device)
{
	for (size_t i = 0; i < reserved->count; i++)
		if (pci_addr_equal(&reserved->devices[i]->addr, &device->addr))
			return true;
	return false;
}

bool reserved_leaves_twin(const struct reserved *reserved, const struct device *device)
{
	for (size_t i = 0; i < reserved->snapshot->device_count; i++) {
		const struct device *other = &reserved->snapshot->devices[i];

		if (twins_are(other, device) && !reserved_has(reserved, other))
			return true;
	}
	return false;
}

/* --- what is promised --- */

static void promise_members(const struct snapshot *snapshot, int number, struct setup *promise)
{
	const struct group *group = snapshot_group(snapshot, number);
	size_t place = promise->member_count > 0
			       ? promise->members[promise->member_count - 1].group + 1
			       : 0;

	for (size_t i = 0; i < promise->member_count && group; i++)
		if (pci_addr_equal(&promise->members[i].addr, &group->members[0]))
			return;
	for (size_t i = 0; group && i < group->member_count; i++)
		array_push(promise->members, promise->member_count,
			   (struct setup_member){.addr = group->members[i], .group = place});
}

/* Needed where an address has another twin after a card came or went; the first one comes as well.
 */
static void promise_place(const struct snapshot *snapshot, const struct device *device,
			  struct setup *promise)
{
	struct twin_place place;

	twin_place_of(snapshot, device, &place);
	array_push(promise->twins, promise->twin_count,
		   (struct setup_twin){.addr = device->addr, .place = place});
}

/* Itself, or the twin with the lowest address. */
static const struct device *first_twin(const struct snapshot *snapshot, const struct device *device)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (twins_are(&snapshot->devices[i], device) &&
		    pci_addr_compare(&snapshot->devices[i].addr, &device->addr) < 0)
			device = &snapshot->devices[i];
	return device;
}

void reserved_note_twins(const struct generate_facts *facts, const struct reserved *reserved,
			 struct draft *draft)
{
	if (!image_can_hold_binder(facts->boot))
		return;
	for (size_t i = 0; i < reserved->count; i++) {
		const struct device *device = reserved->devices[i];
		struct twin_place place;

		if (!reserved_leaves_twin(reserved, device))
			continue;
		twin_place_of(reserved->snapshot, device, &place);
		/* The same for each of them: a note that is repeated is told once. */
		draft_note(draft,
			   "%s and %zu other device%s of its kind are told apart by their order: "
			   "when cards are added, removed or moved later, a start that is to "
			   "reserve only some of them reserves none of them, until this set-up is "
			   "made anew",
			   LABEL(first_twin(reserved->snapshot, device)), place.count - 1,
			   place.count == 2 ? "" : "s");
	}
}

void reserved_promise(const struct generate_facts *facts, const struct reserved *reserved,
		      struct draft *draft)
{
	struct setup *promise = &draft->promise;

	for (size_t i = 0; i < reserved->count; i++) {
		const struct device *device = reserved->devices[i];
		const char *home = homes_driver(facts->homes, device);
		struct pin pin;

		if (pins_find(&promise->devices, &device->addr))
			continue;
		pin_of_device(device, &pin);
		pins_add(&promise->devices, &pin);
		setup_add_home(promise, &device->addr, xstrdup(*home ? home : "none"),
			       device_modalias(device));
		promise_members(facts->snapshot, device->group, promise);
		promise_place(facts->snapshot, device, promise);
	}
}

/* --- ids --- */

static void check_twins(const struct generate_facts *facts, const struct reserved *reserved,
			const struct device *device, struct draft *draft)
{
	for (size_t i = 0; i < facts->snapshot->device_count; i++) {
		const struct device *other = &facts->snapshot->devices[i];

		if (!twins_have_same_ids(other, device) || reserved_has(reserved, other))
			continue;
		draft_refuse(draft,
			     "%s and %s have the same ids: with --bind ids both would be reserved; "
			     "leave --bind out, which tells them apart by their addresses",
			     LABEL(device), LABEL(other));
	}
}

/* Those of the set-up that is in force, which the new one replaces. */
static bool are_ours(const struct generate_facts *facts, const struct boot_ids *ids)
{
	auto_free char *word = xasprintf("vfio-pci.ids=%s", ids->ids);
	size_t length = strlen(word);

	if (strcmp(ids->file, OPTIONS_FILE) == 0)
		return true;
	for (size_t i = 0; facts->past && i < facts->past->choice_count; i++) {
		const char *words = facts->past->choices[i].words;

		if (strcmp(ids->file, "/proc/cmdline") == 0 && text_starts(words, word) &&
		    (words[length] == '\0' || words[length] == ' '))
			return true;
	}
	return false;
}

void reserved_check_ids(const struct generate_facts *facts, const struct reserved *reserved,
			struct draft *draft)
{
	for (size_t i = 0; i < reserved->count; i++)
		check_twins(facts, reserved, reserved->devices[i], draft);
	for (size_t i = 0; i < facts->boot->ids_count; i++) {
		const struct boot_ids *ids = &facts->boot->ids[i];

		if (!are_ours(facts, ids))
			draft_refuse(draft,
				     "%s sets the ids of vfio-pci as well (%s), and only one of "
				     "several such lists counts: remove that, or leave --bind out",
				     ids->file, ids->ids);
	}
}
