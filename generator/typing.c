// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether somebody can still type on the host when devices are reserved, and whether it starts if
 * nobody can.
 */
#include "generator/typing.h"

#include "generator/going.h"
#include "model/keyboards.h"

static enum keyboard_fate fate_of(const void *data, const struct keyboard *keyboard)
{
	return keyboard->has_addr && going_has(data, &keyboard->addr) ? KEYBOARD_GOES
								      : KEYBOARD_STAYS;
}

/* Only the best of those that go: if it stays, the others are no loss. */
const struct keyboard *typing_ends(const struct selection *selection, const struct group *group,
				   const struct device *device)
{
	const struct snapshot *snapshot = selection->snapshot;
	const struct going going = {selection, group};
	enum keyboard_grade lost = keyboards_lost(snapshot, fate_of, &going);

	for (size_t i = 0; lost != KEYBOARD_NEVER && i < snapshot->keyboard_count; i++) {
		const struct keyboard *keyboard = &snapshot->keyboards[i];

		if (keyboard->has_addr && keyboard->grade == lost &&
		    going_needs(snapshot, &keyboard->addr, device))
			return keyboard;
	}
	return NULL;
}

bool typing_is_needed(const struct selection *selection)
{
	const struct wants *wants = selection->facts->wants;

	return wants && wants->asked && wants->waits && !selection->wishes->chosen;
}
