// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An answer as people read it: first whether it would be, then what happens to whom, each under a
 * heading that says what becomes of it. Tests: model/test-answers.c, unit/test-answer.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"
#include "hostdevctl/command.h"

/* Beyond that, a name pushes nothing to the right of other lines. */
#define NAME_WIDTH_MAX 48

/* What comes behind the guest's name. */
static const struct words {
	const char *yes, *no, *failed;
} words[] = {
	[ANSWER_OF_START] = {"would start", "would not start", "is not started"},
	[ANSWER_OF_LEND] = {"would be lent its devices", "would not be lent its devices",
			    "is not lent its devices"},
};

__attribute__((format(printf, 2, 3))) static void add_line(struct text *out, const char *format,
							   ...)
{
	auto_free char *line = NULL, *safe = NULL;
	va_list args;

	va_start(args, format);
	line = xvasprintf(format, args);
	va_end(args);
	safe = command_escape(line);
	text_printf(out, "%s\n", safe);
}

/* A heading goes before the first of its lines, and where there is none it is left out. */
static void add_heading(struct text *out, const char **heading)
{
	if (*heading)
		add_line(out, "%s", *heading);
	*heading = NULL;
}

/* --- devices --- */

static size_t name_width(const struct answer *answer)
{
	size_t width = 0;

	for (size_t i = 0; i < answer->device_count; i++) {
		auto_free char *name = answer_device_name(&answer->devices[i]);

		if (strlen(name) > width && strlen(name) <= NAME_WIDTH_MAX)
			width = strlen(name);
	}
	return width;
}

static void format_drivers(const struct answer *answer, const struct answer_device *device,
			   struct text *out)
{
	const char *now = answer_device_driver(device);

	if (!device->device)
		return;
	if (answer->verdict == ANSWER_HAS || device->left)
		text_printf(out, *now ? "driver %s" : "no driver", now);
	else if (strcmp(now, device->then) == 0)
		text_printf(out, "on %s already", now);
	else
		text_printf(out, "%s -> %s", *now ? now : "none", device->then);
}

static void add_device(const struct answer *answer, const struct answer_device *device,
		       struct text *out)
{
	auto_free char *name = answer_device_name(device);
	size_t length = strlen(name), width = name_width(answer);
	auto_text struct text line = TEXT_INIT;

	text_printf(&line, "  %s  %s", ADDR(&device->addr), name);
	if (device->device) {
		text_printf(&line, "%*s", (int)(length < width ? width - length : 0) + 2, "");
		format_drivers(answer, device, &line);
	}
	if (device->why)
		text_printf(&line, "  (%s)", device->why);
	add_line(out, "%s", line.data);
}

static void add_devices(const struct answer *answer, const char *heading, bool named, bool left,
			struct text *out)
{
	for (size_t i = 0; i < answer->device_count; i++) {
		const struct answer_device *device = &answer->devices[i];

		if (device->named != named || device->left != left)
			continue;
		add_heading(out, &heading);
		add_device(answer, device, out);
	}
}

/* --- units and processes --- */

static void add_units(const struct answer *answer, const char *heading, bool already,
		      struct text *out)
{
	for (size_t i = 0; i < answer->unit_count; i++) {
		const struct answer_unit *unit = &answer->units[i];

		if (unit->already != already)
			continue;
		add_heading(out, &heading);
		add_line(out, "  %s%s%s%s (%s)", unit->name, unit->user ? " of user " : "",
			 unit->user ? unit->user : "", unit->display ? ", the display manager" : "",
			 unit->why);
	}
}

enum ending { ENDS, ENDS_LATE, IS_WAITED_FOR };

/* A display server ends with what has started it, whatever time it has to let go. */
static enum ending ending_of(const struct answer_process *process)
{
	if (!answer_process_ends(process))
		return IS_WAITED_FOR;
	if (process->value.wait_ms == 0 ||
	    (process->holder && process->holder->role == HOLDER_DISPLAY))
		return ENDS;
	return ENDS_LATE;
}

static void format_seconds(unsigned int ms, struct text *out)
{
	unsigned int seconds = (ms + 999) / 1000;

	text_printf(out, "%u second%s", seconds, seconds == 1 ? "" : "s");
}

static void format_ending(const struct answer *answer, const struct gate_value *value,
			  struct text *out)
{
	const char *failed = words[answer->verb].failed;

	if (value->wait_ms > 0) {
		format_seconds(value->wait_ms, out);
		text_printf(out, value->has_grace ? " to let go, then " : " to let go");
	}
	if (value->has_grace) {
		text_printf(out, value->spare ? "SIGTERM, then " : "SIGTERM, and SIGKILL ");
		format_seconds(value->grace_ms, out);
		text_printf(out, value->spare ? " to let go" : " later");
	}
	if (!value->has_grace || value->spare)
		text_printf(out, ", or %s %s", answer->title, failed);
}

static bool is_login_screen(const struct holder *holder)
{
	return holder && holder->role == HOLDER_DISPLAY && holder->prompts;
}

static void add_processes(const struct answer *answer, const char *heading, enum ending ending,
			  struct text *out)
{
	for (size_t i = 0; i < answer->process_count; i++) {
		const struct answer_process *process = &answer->processes[i];
		auto_text struct text line = TEXT_INIT;

		if (ending_of(process) != ending)
			continue;
		add_heading(out, &heading);
		answer_process_format(process, &line);
		if (is_login_screen(process->holder))
			text_printf(&line, ", the login screen,");
		if (process->node)
			text_printf(&line, " has /dev/%s open", process->node);
		text_printf(&line, ": ");
		format_ending(answer, &process->value, &line);
		add_line(out, "  %s", line.data);
	}
}

/* --- the rest --- */

static void add_lines(const struct answer_lines *lines, const char *heading, struct text *out)
{
	for (size_t i = 0; i < lines->count; i++) {
		add_heading(out, &heading);
		add_line(out, "  %s", lines->items[i]);
	}
}

static void add_delays(const struct answer *answer, struct text *out)
{
	const char *heading = "How long it may take:";

	for (size_t i = 0; i < answer->delay_count; i++) {
		const struct answer_delay *delay = &answer->delays[i];

		add_heading(out, &heading);
		add_line(out, "  up to %u second%s %s", delay->seconds,
			 delay->seconds == 1 ? "" : "s", delay->what);
	}
}

static void add_refusal(const struct answer *answer, size_t index, struct text *out)
{
	auto_text struct text lines = TEXT_INIT;
	auto_free char *mark =
		answer->plan->refusal_count > 1 ? xasprintf("%zu. ", index + 1) : xstrdup("");
	size_t width = strlen(mark);
	char *at, *line;

	refusal_format(&answer->plan->refusals[index], answer->guest->name, answer->snapshot,
		       &lines);
	at = lines.data;
	while ((line = strsep(&at, "\n")) && *line) {
		add_line(out, "  %s%s", mark, line);
		snprintf(mark, width + 1, "%*s", (int)width, "");
	}
}

static void add_refusals(const struct answer *answer, struct text *out)
{
	size_t count = answer->plan->refusal_count;

	if (count == 1)
		add_line(out, "%s %s:", answer->title, words[answer->verb].no);
	else
		add_line(out, "%s %s, for %zu reasons:", answer->title, words[answer->verb].no,
			 count);
	for (size_t i = 0; i < count; i++)
		add_refusal(answer, i, out);
}

/* What it comes to, before the devices that the guest names. */
static char *opening_of(const struct answer *answer)
{
	const char *guest = answer->title, *yes = words[answer->verb].yes;

	if (answer->verdict == ANSWER_HAS && answer->machine)
		return xasprintf("%s runs (process %d). It has:", guest, (int)answer->machine);
	if (answer->verdict == ANSWER_HAS)
		return xasprintf("%s is lent its devices already. It has:", guest);
	if (answer->guest->hostdev_count == 0)
		return xasprintf("%s %s, and there is nothing to do: it names no host PCI device.",
				 guest, yes);
	if (answer->verdict == ANSWER_NOTHING)
		return xasprintf("%s %s, and there is nothing to do. It gets:", guest, yes);
	return xasprintf("%s %s. It gets:", guest, yes);
}

void answer_print(const struct answer *answer, struct text *out)
{
	auto_free char *opening = NULL;

	if (answer->verdict == ANSWER_NO) {
		add_refusals(answer, out);
		return;
	}
	opening = opening_of(answer);
	add_line(out, "%s", opening);
	add_devices(answer, NULL, true, false, out);
	add_devices(answer, "Taken along, though the guest does not name it:", false, false, out);
	add_devices(answer, "Left as it is, in the same IOMMU group:", false, true, out);
	add_units(answer, "Stopped, and started again afterwards:", false, out);
	add_units(answer,
		  "Stopped for another guest, and not started before both have ended:", true, out);
	add_processes(answer, "Ended for good:", ENDS, out);
	add_processes(answer, "Ended, if it does not let go in time:", ENDS_LATE, out);
	add_processes(answer, "Waited for, and not ended:", IS_WAITED_FOR, out);
	add_lines(&answer->allowed,
		  "Allowed by the settings, though this host may lose by it:", out);
	add_lines(&answer->irreversible, "Cannot be undone:", out);
	add_lines(&answer->changes, "Changed as well:", out);
	add_delays(answer, out);
	add_lines(&answer->notes, "To be noted:", out);
}
