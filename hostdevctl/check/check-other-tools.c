// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What other tools and guides have left on this host, and what each trace means beside
 * hostdev-hook.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "parsers/boot/tool-traces.h"
#include "state/setups.h"

static char *subject_of(const struct tool_trace *trace)
{
	return trace->line > 0 ? xasprintf("%s:%u", trace->path, trace->line)
			       : xstrdup(trace->path);
}

void check_tool_trace(struct check *check, const struct tool_trace *trace)
{
	const struct tool_advice *advice = tool_advice_of(trace->sign->id);
	auto_free char *subject = subject_of(trace), *note = NULL;

	if (advice->id == FIND_VFIO_IDS) {
		check_vfio_ids(check, trace, subject);
		return;
	}
	if (advice->id == FIND_BLACKLIST_GRAPHICS && !check_blacklist_counts(check, trace))
		return;
	note = tool_advice_note(advice, trace->path);
	/* A command line has many words. */
	if (trace->sign->where == TOOL_CMDLINE)
		findings_add(&check->findings, advice->id, advice->status, subject, "%.200s %s",
			     trace->text, note);
	else
		findings_add(&check->findings, advice->id, advice->status, subject, "%s", note);
}

/* Files that a set-up of this program has written, and the words it has put on the command line. */
static bool is_of_setup(const struct setups *setups, const struct tool_trace *trace)
{
	if (setups->count > 0 && trace->sign->where == TOOL_CMDLINE)
		return true;
	for (size_t i = 0; i < setups->count; i++)
		if (setup_has_file(&setups->items[i].setup, trace->path))
			return true;
	return false;
}

void check_other_tools(struct check *check)
{
	cleanup(setups_done) struct setups setups = SETUPS_INIT;
	auto_tool_traces struct tool_traces traces = {0};
	struct error err = ERROR_INIT;

	/* That they cannot be read is told where they are checked. */
	if (setups_read(check->host, &setups, &err) < 0)
		return;
	tool_traces_read(check->host, &traces);
	for (size_t i = 0; i < traces.count; i++)
		if (!is_of_setup(&setups, &traces.items[i]))
			check_tool_trace(check, &traces.items[i]);
}
