// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limine: its entries stand in one file that people or a tool of theirs write.
 * Tests: unit/test-by-hand.c.
 */
#include <string.h>

#include "generator/by-hand.h"

static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	const struct boot_loader_found *found =
		boot_loader_find(request->facts->boot, LOADER_LIMINE);
	const char *file = found && *found->evidence == '/' ? found->evidence : "limine.conf";
	int length = (int)strcspn(file, " ");

	if (entry->title)
		draft_tell_by_hand(
			draft,
			"For \"%s\": copy your kernel's entry in %.*s, give it that title, and "
			"put at the end of its line \"cmdline:\": %s",
			entry->title, length, file, entry->words);
	else
		draft_tell_by_hand(
			draft,
			"Put at the end of the line \"cmdline:\" of your kernel's entry in "
			"%.*s: %s",
			length, file, entry->words);
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	by_hand_plan(request, LOADER_LIMINE, "its entries stand in a file that others write", tell,
		     draft);
}

const struct loader_adapter adapter_limine = {.loader = LOADER_LIMINE, .plan = plan};
