// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl generate show: what the records say. Tests: generator/previews.bats.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "hostdevctl/output/json.h"

static const char *state_of(const struct setup *setup)
{
	if (setup->undoing)
		return "half taken back";
	if (!setup->applied)
		return "half applied";
	return "applied";
}

static void print_setup(const struct setup_entry *entry)
{
	const struct setup *setup = &entry->setup;

	printf("%u: hostdevctl generate %s (%s, with version %s, under kernel %s)\n", entry->number,
	       setup->arguments, state_of(setup), setup->version, setup->kernel);
	for (size_t i = 0; i < setup->devices.count; i++) {
		const struct pin *pin = &setup->devices.items[i];
		const struct setup_home *home = setup_home(setup, &pin->addr);
		auto_text struct text identity = TEXT_INIT;

		pin_format(pin, &identity);
		printf("  device %s %s, the host's driver is %s\n", ADDR(&pin->addr), identity.data,
		       home ? home->driver : "not known");
	}
	for (size_t i = 0; i < setup->choice_count; i++)
		printf("  %s: %s\n", setup->choices[i].id,
		       *setup->choices[i].words ? setup->choices[i].words : "no words");
	for (size_t i = 0; i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_FILE && journal_mark_is_unsettled(setup->marks[i]))
			printf("  file %s\n", setup->steps[i].target);
}

/* --- JSON --- */

static void add_devices(const struct setup *setup, struct text *out)
{
	text_printf(out, "\"devices\": [");
	for (size_t i = 0; i < setup->devices.count; i++) {
		const struct pin *pin = &setup->devices.items[i];
		const struct setup_home *home = setup_home(setup, &pin->addr);
		auto_text struct text identity = TEXT_INIT;

		pin_format(pin, &identity);
		text_printf(out, "%s{", i > 0 ? ", " : "");
		json_member("address", ADDR(&pin->addr), ", ", out);
		json_member("identity", identity.data, ", ", out);
		json_member("home", home ? home->driver : "", "}", out);
	}
	text_printf(out, "], ");
}

static void add_files(const struct setup *setup, struct text *out)
{
	size_t count = 0;

	text_printf(out, "\"files\": [");
	for (size_t i = 0; i < setup->step_count; i++) {
		if (setup->steps[i].kind != STEP_FILE ||
		    !journal_mark_is_unsettled(setup->marks[i]))
			continue;
		text_printf(out, "%s", count++ > 0 ? ", " : "");
		json_string(setup->steps[i].target, out);
	}
	text_printf(out, "]}");
}

static void add_left(const struct generate_plan *left, struct text *out)
{
	size_t count = 0;

	text_printf(out, ",\n   \"left_over\": [");
	for (size_t i = 0; i < left->change_count; i++) {
		if (left->changes[i].after.type != CONTENT_REGULAR)
			continue;
		text_printf(out, "%s", count++ > 0 ? ", " : "");
		json_string(left->changes[i].path, out);
	}
	text_printf(out, "]\n}\n");
}

static void print_json(const struct setups *setups, const struct generate_plan *left)
{
	auto_text struct text out = TEXT_INIT;

	text_printf(&out, JSON_OPENING "\"setups\": [");
	for (size_t i = 0; i < setups->count; i++) {
		const struct setup *setup = &setups->items[i].setup;

		text_printf(&out, "%s\n      {", i > 0 ? "," : "");
		json_member("mode", setup->mode, ", ", &out);
		json_member("arguments", setup->arguments, ", ", &out);
		json_member("state", state_of(setup), ", ", &out);
		json_member("version", setup->version, ", ", &out);
		json_member("kernel", setup->kernel, ", ", &out);
		add_devices(setup, &out);
		generate_json_choices(setup, &out);
		text_printf(&out, ", ");
		add_files(setup, &out);
	}
	text_printf(&out, "%s]", setups->count > 0 ? "\n   " : "");
	if (setups->unreadable) {
		text_printf(&out, ",\n   ");
		json_member("unreadable", setups->unreadable, "", &out);
	}
	add_left(left, &out);
	fputs(out.data, stdout);
}

int generate_show(const struct generate_options *options, struct generate_host *host)
{
	cleanup(generate_plan_done) struct generate_plan left = {0};
	auto_text struct text told = TEXT_INIT;

	generate_know_boot(host);
	generate_leftovers_find(host, &left);
	if (options->json) {
		print_json(&host->setups, &left);
		return COMMAND_DONE;
	}
	if (host->setups.unreadable)
		command_note("%s", host->setups.unreadable);
	else if (left.change_count > 0)
		command_note("%s", (generate_leftovers_tell(&left, &told), told.data));
	else if (host->setups.count == 0 && !options->quiet)
		printf("no set-up is applied\n");
	for (size_t i = 0; i < host->setups.count; i++)
		print_setup(&host->setups.items[i]);
	return COMMAND_DONE;
}
