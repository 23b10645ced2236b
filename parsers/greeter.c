// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who only asks for a name and a password. Logind writes down which sessions are such, and which
 * are somebody's.
 */
#include "parsers/greeter.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/place.h"
#include "parsers/sessions.h"

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

/* The keepers of sessions hold for all of them: with nobody logged in, for the prompt. */
static bool prompts(const struct host *host, const struct holder *holder)
{
	auto_free char *class = NULL;

	if (holder->role == HOLDER_LOGIND)
		return true;
	if (holder->role != HOLDER_DISPLAY || !holder->session)
		return false;
	class = session_value(host, holder->session, "CLASS");
	return text_equal(class, "greeter");
}

/* "card1", not "card1-HDMI-A-1". */
static bool is_card(const char *name)
{
	return text_starts(name, "card") && isdigit((unsigned char)name[4]) && !strchr(name, '-');
}

static int look_for_other(void *data, const char *name, const struct place *place,
			  struct error *err)
{
	struct snapshot *snapshot = data;

	(void)err;
	if (is_card(name) && place->has_addr && !snapshot_device(snapshot, &place->addr))
		snapshot->other_card = true;
	return 0;
}

void greeters_read(const struct host *host, struct snapshot *snapshot)
{
	if (!has_displays(snapshot) || sessions_show_picture(host))
		return;
	for (size_t i = 0; i < snapshot->holder_count; i++)
		snapshot->holders[i].prompts = prompts(host, &snapshot->holders[i]);
	place_each(host, "class/drm", look_for_other, snapshot, NULL);
}
