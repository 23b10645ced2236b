// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which entry GRUB starts by itself is watched while a set-up is taken back: somebody may have
 * chosen it by a number that has counted ours.
 */
#include "actions/setup/apply-default.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/grub-default.h"

void apply_default_done(struct apply_default *kept)
{
	free(kept->menu);
	host_content_done(&kept->before);
}

/* "menu-base:PROGRAM,MENU" */
static char *find_menu(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++) {
		const char *comma = strchr(setup->steps[i].target, ',');

		if (setup->steps[i].kind == STEP_CHECK && comma &&
		    text_starts(setup->steps[i].target, "menu-base:"))
			return xstrdup(comma + 1);
	}
	return NULL;
}

void apply_default_keep(const struct apply *apply, const struct step *step,
			struct apply_default *ret)
{
	*ret = (struct apply_default){.before = CONTENT_INIT};
	if (text_starts(step->target, "menu:"))
		ret->menu = find_menu(apply->setup);
	if (ret->menu)
		host_content_read(apply->host, ret->menu, &ret->before, NULL);
}

void apply_default_tell(const struct apply *apply, const struct step *step,
			const struct apply_default *kept)
{
	struct apply_event event = {.step = step, .undo = true, .about = kept->menu};
	auto_content struct host_content after = CONTENT_INIT, environment = CONTENT_INIT;
	const char *slash = kept->menu ? strrchr(kept->menu, '/') : NULL;
	auto_text struct text note = TEXT_INIT;
	auto_free char *path = NULL;

	if (!slash || kept->before.type != CONTENT_REGULAR || !apply->report)
		return;
	path = xasprintf("%.*s/grubenv", (int)(slash - kept->menu), kept->menu);
	if (host_content_read(apply->host, kept->menu, &after, NULL) < 0 ||
	    host_content_read(apply->host, path, &environment, NULL) < 0 ||
	    !grub_default_moves(&kept->before.bytes, &after.bytes, environment.bytes.data, &note))
		return;
	event.note = note.data;
	apply->report(apply->report_data, &event);
}
