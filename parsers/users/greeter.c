// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who only asks for a name and a password. Logind writes down which sessions are such, and which
 * are somebody's. Tests: model/test-survey.c, model/test-cases.c.
 */
#include "parsers/users/greeter.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/place.h"
#include "parsers/users/sessions.h"

static bool is_display(const struct holder *holder)
{
	return holder->role == HOLDER_DISPLAY || holder->role == HOLDER_LOGIND;
}

static bool has_displays(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++)
		if (is_display(&snapshot->holders[i]))
			return true;
	return false;
}

/*
 * The keepers of sessions hold for all of them: with nobody logged in, for the prompt. Any other
 * must be the greeter's own, or the display manager's: what else draws has a work of its own.
 */
static bool prompts(const struct snapshot *snapshot, const struct session_prompts *found,
		    const struct holder *holder)
{
	if (holder->role == HOLDER_LOGIND)
		return true;
	if (holder->role != HOLDER_DISPLAY)
		return false;
	if (holder->manager == 0 && snapshot->display_manager &&
	    text_equal(holder->unit, snapshot->display_manager))
		return true;
	for (size_t i = 0; i < found->count; i++)
		if (found->uids[i] == holder->uid)
			return true;
	return false;
}

/* "card1", not "card1-HDMI-A-1". */
static bool is_card(const char *name)
{
	return text_starts(name, "card") && isdigit((unsigned char)name[4]) && !strchr(name, '-');
}

/* Not only PCI devices show pictures; what the kernel makes up (vkms) shows none. */
static int look_for_other(void *data, const char *name, const struct place *place,
			  struct error *err)
{
	struct snapshot *snapshot = data;
	struct place owner = *place;

	(void)err;
	place_carry(&owner, snapshot);
	if (is_card(name) && !place_below(&owner, "devices/virtual") &&
	    !(owner.has_addr && snapshot_device(snapshot, &owner.addr)))
		snapshot->other_card = true;
	return 0;
}

void greeters_read(const struct host *host, struct snapshot *snapshot)
{
	cleanup(session_prompts_done) struct session_prompts found = {0};

	if (!has_displays(snapshot) || !session_prompts_read(host, &found))
		return;
	for (size_t i = 0; i < snapshot->holder_count; i++)
		snapshot->holders[i].prompts = prompts(snapshot, &found, &snapshot->holders[i]);
	if (place_each(host, "class/drm", look_for_other, snapshot, NULL) < 0)
		snapshot->other_card = true;
}
