// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From facts and wishes to a draft: what is the same in every mode.
 */
#include "generator/generate.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "generator/loader-systemd-boot.h"
#include "generator/measured.h"
#include "generator/mode.h"
#include "generator/obstacle.h"

static const char *const mode_names[] = {
	[GENERATE_STATIC] = "static",
	[GENERATE_MULTIBOOT] = "multiboot",
	[GENERATE_DYNAMIC] = "dynamic",
};

static void promise_begin(const struct generate_facts *facts, const struct generate_wishes *wishes,
			  struct setup *promise)
{
	const struct boot *boot = facts->boot;

	promise->mode = xstrdup(mode_names[wishes->mode]);
	promise->arguments = xstrdup(wishes->arguments);
	promise->version = xstrdup(HOSTDEV_VERSION);
	for (size_t i = 0; i < boot->kernel_count && !promise->kernel; i++)
		if (boot->kernels[i].runs)
			promise->kernel = xstrdup(boot->kernels[i].release);
	if (!promise->kernel)
		promise->kernel = xstrdup("unknown");
}

static void check_rivals(const struct generate_facts *facts, struct draft *draft)
{
	for (size_t i = 0; i < facts->boot->rival_count; i++)
		draft_note(draft, "%s: %s", facts->boot->rivals[i].file,
			   facts->boot->rivals[i].what);
	if (facts->boot->rival_count > 0)
		draft_note(draft, "what is named above may take the same devices: two such "
				  "set-ups for one device are one too many");
}

/* The hardware does not keep apart what a patched kernel says is apart. */
static void note_split_groups(const struct boot *boot, struct draft *draft)
{
	static const char splits[] = "pcie_acs_override=";

	for (const char *at = boot->cmdline; at && *(at += strspn(at, " "));) {
		size_t length = strcspn(at, " ");
		auto_free char *word = xasprintf("%.*s", (int)length, at);
		auto_free char *shown = text_escape(word);

		if (text_starts(word, splits))
			draft_note(
				draft,
				"the kernel that runs was started with \"%s\": devices that this "
				"sets apart can still reach each other past the IOMMU, and a guest "
				"that has one of them is not truly isolated from the host",
				shown);
		at += length;
	}
}

void generate_draft(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *ret)
{
	static void (*const modes[])(const struct generate_facts *, const struct generate_wishes *,
				     struct selection *, struct draft *) = {
		[GENERATE_STATIC] = mode_static,
		[GENERATE_MULTIBOOT] = mode_multiboot,
		[GENERATE_DYNAMIC] = mode_dynamic,
	};
	struct selection_wishes own = wishes->selection;
	auto_selection struct selection selection = {0};
	struct draft draft = {0};

	promise_begin(facts, wishes, &draft.promise);
	own.without_groups = wishes->mode == GENERATE_DYNAMIC;
	own.chosen = wishes->mode == GENERATE_MULTIBOOT &&
		     (!wishes->default_choice || strcmp(wishes->default_choice, "none") == 0);
	selection_make(facts, &own, &selection);
	obstacles_find(&selection);
	for (size_t i = 0; i < selection.note_count; i++)
		draft_note(&draft, "%s", selection.notes[i]);
	if (wishes->mode != GENERATE_DYNAMIC) {
		obstacles_apply(&selection, wishes->allow_early, &draft);
		measured_check(facts, wishes, &draft);
		check_rivals(facts, &draft);
		note_split_groups(facts->boot, &draft);
	}
	modes[wishes->mode](facts, wishes, &selection, &draft);
	systemd_boot_settle(facts, &draft);
	*ret = draft;
}

static void add_candidate(const struct selection *selection, const struct selected_group *group,
			  struct text *out)
{
	for (size_t i = 0; i < group->group->member_count; i++) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->group->members[i]);
		const char *home = device ? homes_driver(selection->facts->homes, device) : "";

		if (device && selection_is_endpoint(device))
			text_printf(out, "  group %-3d %s, driver %s\n", group->group->number,
				    LABEL(device), *home ? home : "none");
	}
	if (group->obstacle)
		text_printf(out, "            not this group: %s\n", group->obstacle);
}

void generate_candidates(const struct generate_facts *facts, struct text *out)
{
	const struct selection_wishes none = {0};
	auto_selection struct selection selection = {0};

	selection_make(facts, &none, &selection);
	obstacles_find(&selection);
	if (selection.group_count == 0)
		text_printf(out,
			    "  none: this host has no IOMMU groups (its IOMMU is off, or not "
			    "there); \"hostdevctl generate dynamic\" says what this host needs "
			    "for them\n");
	for (size_t i = 0; i < selection.group_count; i++)
		add_candidate(&selection, &selection.groups[i], out);
}
