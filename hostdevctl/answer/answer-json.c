// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An answer as JSON: one object, in which every member is there whatever the answer is.
 * Tests: model/test-answers.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"
#include "hostdevctl/output/json.h"

/* Values of "kind", which programs compare: they stay. */
static const char *const refusal_kinds[REFUSAL_KINDS] = {
	[REFUSAL_IOMMU_OFF] = "iommu-off",
	[REFUSAL_MISSING] = "missing",
	[REFUSAL_NO_GROUP] = "no-group",
	[REFUSAL_NOIOMMU] = "noiommu",
	[REFUSAL_BRIDGE] = "bridge",
	[REFUSAL_PF] = "pf",
	[REFUSAL_CLAIMED] = "claimed",
	[REFUSAL_GROUP_CLAIMED] = "group-claimed",
	[REFUSAL_MATE] = "mate",
	[REFUSAL_MATE_PF] = "mate-pf",
	[REFUSAL_MATE_CHIPSET] = "mate-chipset",
	[REFUSAL_BEHIND] = "behind",
	[REFUSAL_CARRIED] = "carried",
	[REFUSAL_COMPANION] = "companion",
	[REFUSAL_DRIVER] = "driver",
	[REFUSAL_USE] = "use",
	[REFUSAL_HOLDER] = "holder",
	[REFUSAL_UNREADABLE] = "unreadable",
	[REFUSAL_IDENTITY] = "identity",
	[REFUSAL_RUNNING] = "running",
	[REFUSAL_IOMMUFD] = "iommufd",
};

/* --- members --- */

static void add_bool(const char *name, bool value, const char *behind, struct text *out)
{
	text_printf(out, "\"%s\": %s%s", name, value ? "true" : "false", behind);
}

static void add_number(const char *name, unsigned int value, const char *behind, struct text *out)
{
	text_printf(out, "\"%s\": %u%s", name, value, behind);
}

/* Items stand on lines of their own. opening: "{" of an object, or "". */
static void begin_item(size_t index, const char *opening, struct text *out)
{
	text_printf(out, "%s\n      %s", index > 0 ? "," : "", opening);
}

static void end_array(size_t count, const char *behind, struct text *out)
{
	text_printf(out, "%s]%s\n", count > 0 ? "\n   " : "", behind);
}

static void add_lines(const char *name, char *const *lines, size_t count, struct text *out)
{
	text_printf(out, "   \"%s\": [", name);
	for (size_t i = 0; i < count; i++) {
		begin_item(i, "", out);
		json_string(lines[i], out);
	}
	end_array(count, ",", out);
}

/* --- arrays --- */

static void add_devices(const struct answer *answer, struct text *out)
{
	text_printf(out, "   \"devices\": [");
	for (size_t i = 0; i < answer->device_count; i++) {
		const struct answer_device *device = &answer->devices[i];
		auto_free char *name = device->device ? answer_device_name(device) : NULL;

		begin_item(i, "{", out);
		json_member("address", ADDR(&device->addr), ", ", out);
		json_member("name", name, ", ", out);
		json_word("driver_now", answer_device_driver(device), ", ", out);
		json_word("driver_then", device->then, ", ", out);
		add_bool("named", device->named, ", ", out);
		json_member("why", device->why, "}", out);
	}
	end_array(answer->device_count, ",", out);
}

static void add_units(const struct answer *answer, struct text *out)
{
	text_printf(out, "   \"stopped\": [");
	for (size_t i = 0; i < answer->unit_count; i++) {
		const struct answer_unit *unit = &answer->units[i];

		begin_item(i, "{", out);
		json_member("unit", unit->name, ", ", out);
		json_member("user", unit->user, ", ", out);
		add_bool("display_manager", unit->display, ", ", out);
		add_bool("already", unit->already, ", ", out);
		json_member("why", unit->why, "}", out);
	}
	end_array(answer->unit_count, ",", out);
}

static void add_process(const struct answer_process *process, struct text *out)
{
	const struct holder *holder = process->holder;
	auto_free char *node = process->node ? xasprintf("/dev/%s", process->node) : NULL;

	add_number("pid", (unsigned int)process->pid, ", ", out);
	json_member("command", holder ? holder->command : NULL, ", ", out);
	json_member("user", holder ? holder->user : NULL, ", ", out);
	json_member("session", holder ? holder->session : NULL, ", ", out);
	json_member("unit", holder ? holder->unit : NULL, ", ", out);
	json_member("node", node, ", ", out);
	add_number("wait_seconds", (process->value.wait_ms + 999) / 1000, "", out);
	if (answer_process_ends(process)) {
		text_printf(out, ", ");
		add_number("grace_seconds", (process->value.grace_ms + 999) / 1000, ", ", out);
		add_bool("killed", !process->value.spare, "", out);
	}
}

static void add_processes(const struct answer *answer, const char *name, bool ended,
			  struct text *out)
{
	size_t count = 0;

	text_printf(out, "   \"%s\": [", name);
	for (size_t i = 0; i < answer->process_count; i++) {
		if (answer_process_ends(&answer->processes[i]) != ended)
			continue;
		begin_item(count++, "{", out);
		add_process(&answer->processes[i], out);
		text_printf(out, "}");
	}
	end_array(count, ",", out);
}

static void add_delays(const struct answer *answer, struct text *out)
{
	text_printf(out, "   \"slow\": [");
	for (size_t i = 0; i < answer->delay_count; i++) {
		begin_item(i, "{", out);
		add_number("seconds", answer->delays[i].seconds, ", ", out);
		json_member("what", answer->delays[i].what, "}", out);
	}
	end_array(answer->delay_count, ",", out);
}

static void add_refusal(const struct answer *answer, const struct refusal *refusal,
			struct text *out)
{
	auto_text struct text lines = TEXT_INIT;
	bool first = true;
	char *at, *line;

	refusal_format(refusal, answer->guest->name, answer->snapshot, &lines);
	json_word("address", refusal->kind == REFUSAL_IOMMU_OFF ? NULL : ADDR(&refusal->addr), ", ",
		  out);
	json_member("kind", refusal_kinds[refusal->kind], ", ", out);
	json_member("use", refusal->kind == REFUSAL_USE ? use_kind_name(refusal->use) : NULL, ", ",
		    out);
	text_printf(out, "\"lines\": [");
	at = lines.data;
	while ((line = strsep(&at, "\n")) && *line) {
		text_printf(out, first ? "" : ", ");
		json_string(line, out);
		first = false;
	}
	text_printf(out, "]");
}

static void add_refusals(const struct answer *answer, struct text *out)
{
	size_t count = answer->plan ? answer->plan->refusal_count : 0;

	text_printf(out, "   \"refusals\": [");
	for (size_t i = 0; i < count; i++) {
		begin_item(i, "{", out);
		add_refusal(answer, &answer->plan->refusals[i], out);
		text_printf(out, "}");
	}
	end_array(count, ",", out);
}

static void add_steps(const struct answer *answer, struct text *out)
{
	size_t count = answer->plan ? answer->plan->step_count : 0, shown = 0;

	text_printf(out, "   \"steps\": [");
	for (size_t i = 0; i < count; i++) {
		auto_text struct text step = TEXT_INIT;

		if (!step_changes(&answer->plan->steps[i]))
			continue;
		step_format(&answer->plan->steps[i], &step);
		begin_item(shown++, "", out);
		json_string(step.data, out);
	}
	end_array(shown, "", out);
}

void answer_json(const struct answer *answer, struct text *out)
{
	text_printf(out, JSON_OPENING "\"guest\": {");
	json_member("name", answer->title, ", ", out);
	json_word("uuid", answer->guest->uuid, "},\n   ", out);
	json_member("verdict", answer_verdict_name(answer->verdict), ",\n", out);
	add_devices(answer, out);
	add_units(answer, out);
	add_processes(answer, "ended", true, out);
	add_processes(answer, "waited_for", false, out);
	add_lines("allowed", answer->allowed.items, answer->allowed.count, out);
	add_lines("irreversible", answer->irreversible.items, answer->irreversible.count, out);
	add_lines("changed", answer->changes.items, answer->changes.count, out);
	add_delays(answer, out);
	add_lines("notes", answer->notes.items, answer->notes.count, out);
	add_refusals(answer, out);
	add_steps(answer, out);
	text_printf(out, "}\n");
}
