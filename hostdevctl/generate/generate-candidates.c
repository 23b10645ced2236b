// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl generate without a selection: what this host has that could be reserved. That is a
 * question with an answer, unless something was to be carried out. Tests: generator/previews.bats.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "generator/obstacle.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "hostdevctl/output/json.h"
#include "model/homes.h"

static void add_devices(const struct selection *selection, const struct group *group,
			struct text *out)
{
	bool any = false;

	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->members[i]);

		if (!device || !selection_is_endpoint(device))
			continue;
		text_printf(out, "%s\n            {", any ? "," : "");
		any = true;
		json_member("address", ADDR(&device->addr), ", ", out);
		json_word("name", device->name, ", ", out);
		json_word("driver", homes_driver(selection->facts->homes, device), "}", out);
	}
}

static void candidates_json(const struct generate_host *host, const char *mode, struct text *out)
{
	const struct selection_wishes none = {0};
	auto_selection struct selection selection = {0};

	selection_make(&host->facts, &none, &selection);
	obstacles_find(&selection);
	text_printf(out, JSON_OPENING);
	json_member("mode", mode, ",\n   ", out);
	text_printf(out, "\"candidates\": [");
	for (size_t i = 0; i < selection.group_count; i++) {
		const struct selected_group *group = &selection.groups[i];

		text_printf(out, "%s\n      {\"group\": %d, \"devices\": [", i ? "," : "",
			    group->group->number);
		add_devices(&selection, group->group, out);
		text_printf(out, "\n         ],\n         ");
		json_word("obstacle", group->obstacle, "\n      }", out);
	}
	text_printf(out, "\n   ]\n}\n");
}

static void candidates_print(const struct generate_host *host, FILE *stream)
{
	auto_text struct text candidates = TEXT_INIT;

	generate_candidates(&host->facts, &candidates);
	fputs(text_string(&candidates), stream);
}

int generate_tell_candidates(const struct generate_options *options,
			     const struct generate_host *host)
{
	static const char words[] = "nothing is selected. What could be, by --devices, "
				    "--iommu-groups, --drivers or --hardware-ids:";
	const char *mode = options->wishes.mode == GENERATE_MULTIBOOT ? "multiboot" : "static";
	auto_text struct text json = TEXT_INIT;

	if (options->apply) {
		command_note("%s", words);
		candidates_print(host, stderr);
		return COMMAND_MISUSED;
	}
	if (options->json) {
		candidates_json(host, mode, &json);
		fputs(json.data, stdout);
		return COMMAND_DONE;
	}
	printf("N%s\n", words + 1);
	candidates_print(host, stdout);
	return COMMAND_DONE;
}
