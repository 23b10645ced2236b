// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which graphics are a screen of the host. Not all are: some have no outputs, and some belong to
 * somebody else already.
 */
#include "generator/screens.h"

const char *screen_lack(const struct selection *selection, const struct device *device)
{
	if (facts_is_screen(selection->facts, device))
		return NULL;
	return device->class_code >> 8 == CLASS_3D ? "has no outputs"
						   : "is kept from the host already, by no set-up "
						     "that is in force";
}

bool screens_remain(const struct selection *selection)
{
	bool selected = false;

	if (selection->own_screen)
		return true;
	for (size_t i = 0; i < selection->group_count; i++) {
		if (!selection->groups[i].screen)
			continue;
		if (!selection->groups[i].selected)
			return true;
		selected = true;
	}
	return !selected;
}

static bool is_selected(const struct selection *selection, const struct device *device)
{
	for (size_t i = 0; i < selection->group_count; i++)
		if (selection->groups[i].group->number == device->group)
			return selection->groups[i].selected;
	return false;
}

#define DARK_NAMED 2

void screens_tell_dark(const struct selection *selection, struct text *out)
{
	size_t count = 0;

	for (size_t i = 0; i < selection->snapshot->device_count; i++) {
		const struct device *device = &selection->snapshot->devices[i];
		const char *lack = screen_lack(selection, device);

		if (!device_is_graphics(device) || device->is_vf || !lack ||
		    is_selected(selection, device) || count++ >= DARK_NAMED)
			continue;
		text_printf(out, "%s%s %s", count == 1 ? "" : "; ", LABEL(device), lack);
	}
	if (count > DARK_NAMED)
		text_printf(out, "; and %zu more are none", count - DARK_NAMED);
}

void screens_note_prompt(const struct generate_facts *facts, const struct reserved *reserved,
			 struct draft *draft)
{
	for (size_t i = 0; facts->wants && facts->wants->asked && i < reserved->count; i++)
		/* The same for each choice: a note that is repeated is told once. */
		if (reserved->devices[i]->boot_vga)
			draft_note(
				draft,
				"a start that reserves %s asks for the passphrase of %s on another "
				"screen, if at all",
				LABEL(reserved->devices[i]), facts->wants->asked);
}
