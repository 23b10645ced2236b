// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An entry of the boot menu for each choice of the graphics card that stays with the host.
 * Tests: unit/test-multiboot.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/image.h"
#include "generator/loader-systemd-boot.h"
#include "generator/mode.h"
#include "generator/screens.h"
#include "generator/way-out.h"
#include "generator/words.h"

struct menu_choices {
	struct menu_choice *items;
	size_t count;
};

static void menu_choices_done(struct menu_choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		free(choices->items[i].id);
		free(choices->items[i].title);
		free(choices->items[i].words);
	}
	free(choices->items);
}

/* The graphics function of a group, or of several the first: by which the choice is called. */
static const struct device *graphics_of(const struct selection *selection, size_t place)
{
	const struct group *group = selection->groups[place].group;
	const struct device *found = NULL;

	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(selection->snapshot, &group->members[i]);

		if (device && device_is_graphics(device) &&
		    (!found || pci_addr_compare(&device->addr, &found->addr) < 0))
			found = device;
	}
	return found;
}

static void name_choice(const struct selection *selection, const struct choice *choice,
			struct menu_choice *named)
{
	const struct device *kept = choice->keeps_any ? graphics_of(selection, choice->kept) : NULL;
	auto_free char *title = NULL;

	named->keeps_any = kept != NULL;
	if (!kept) {
		named->id = xstrdup("hostdev-all");
		named->title = xstrdup("VFIO: guests get every selected device");
		return;
	}
	named->kept = kept->addr;
	named->id = xasprintf("hostdev-keep-%s", ADDR(&kept->addr));
	title = xasprintf("VFIO: the host keeps %s", LABEL(kept));
	named->title = words_title(title);
}

static void add_choices(const struct generate_facts *facts, const struct selection *selection,
			const struct choices *choices, struct menu_choices *named,
			struct draft *draft)
{
	named->items = xcalloc(choices->count, sizeof(*named->items));
	for (size_t i = 0; i < choices->count; i++) {
		struct menu_choice *item = &named->items[named->count++];
		auto_reserved struct reserved reserved = {0};
		auto_text struct text words = TEXT_INIT;

		reserved_of_choice(selection, &choices->items[i], &reserved);
		reserved_promise(facts, &reserved, draft);
		screens_note_prompt(facts, &reserved, draft);
		reserved_note_twins(facts, &reserved, draft);
		words_guest(&reserved, &words);
		words_check(facts, words.data, draft);
		name_choice(selection, &choices->items[i], item);
		item->words = steal(&words.data);
		setup_add_choice(&draft->promise, xstrdup(item->id), xstrdup(item->words));
	}
}

static void make_choices(const struct selection *selection, const struct generate_wishes *wishes,
			 struct choices *ret)
{
	const struct choice_wishes how = {.headless = wishes->headless, .no_all = wishes->no_all};
	size_t count = selection->group_count;
	auto_free struct choice_group *groups = xcalloc(count + 1, sizeof(*groups));

	for (size_t i = 0; i < count; i++)
		groups[i] = (struct choice_group){
			.id = i,
			.video = selection->groups[i].video,
			.screen = selection->groups[i].screen,
			.selected = selection->groups[i].selected,
		};
	/* In no group, and so in no choice: it only stays. */
	if (selection->own_screen)
		groups[count++] = (struct choice_group){
			.id = selection->group_count, .video = true, .screen = true};
	choices_make(groups, count, &how, ret);
}

/* A selected card that no choice leaves to the host, as it would be all that it has. */
static void note_dark(const struct selection *selection, struct draft *draft)
{
	for (size_t i = 0; i < selection->group_count; i++) {
		const struct selected_group *group = &selection->groups[i];
		const struct device *card = graphics_of(selection, i);

		if (group->selected && group->video && !group->screen)
			draft_note(draft,
				   "no entry leaves %s to the host, which would have no screen: "
				   "it %s",
				   LABEL(card), screen_lack(selection, card));
	}
}

/* Those that get entries. */
static size_t count_kernels(const struct menu_request *request)
{
	const struct boot *boot = request->facts->boot;
	size_t all =
		menu_is_started_by(request, LOADER_SYSTEMD_BOOT) ? systemd_boot_kernels(boot) : 0;

	return all > 0 ? all : kernel_ranks_count(&request->wishes->ranks, boot->kernel_count);
}

/* The product is always told. */
static void check_limits(const struct menu_request *request, size_t choices, struct draft *draft)
{
	const struct generate_facts *facts = request->facts;
	const struct generate_wishes *wishes = request->wishes;
	size_t kernels = count_kernels(request);

	draft_note(draft, "%zu choice%s x %zu kernel%s = %zu entr%s", choices,
		   choices == 1 ? "" : "s", kernels, kernels == 1 ? "" : "s", choices * kernels,
		   choices * kernels == 1 ? "y" : "ies");
	if (choices * kernels > CHOICES_ENTRIES)
		draft_refuse(draft, "%zu entries are too many for a menu: %d are the most",
			     choices * kernels, CHOICES_ENTRIES);
	else if (!wishes->allow_unsafe && (choices > CHOICES_LIMIT || kernels > CHOICES_LIMIT))
		draft_refuse(
			draft,
			"more than %d choices, or entries for more than %d kernels, make a menu "
			"that nobody reads: insist with --allow-unsafe",
			CHOICES_LIMIT, CHOICES_LIMIT);
	/* On NixOS they are no files of /boot. */
	if (kernels == 0 && !boot_loader_find(facts->boot, LOADER_NIXOS))
		draft_refuse(draft, "--kernels %s names none of this host's %zu kernels",
			     wishes->kernels, facts->boot->kernel_count);
}

/* -1: none, or there is no such choice, which is refused. */
static int find_default(const struct menu_choices *choices, const struct selection *selection,
			const char *word, struct draft *draft)
{
	struct pci_addr addr;

	if (!word || strcmp(word, "none") == 0)
		return -1;
	if (strcmp(word, "first") == 0)
		return 0;
	if (strcmp(word, "last") == 0)
		return (int)choices->count - 1;
	for (size_t i = 0; pci_addr_parse_given(word, &addr) && i < choices->count; i++) {
		const struct device *kept =
			snapshot_device(selection->snapshot, &choices->items[i].kept);
		const struct device *wanted = snapshot_device(selection->snapshot, &addr);

		if (choices->items[i].keeps_any && kept && wanted && kept->group == wanted->group)
			return (int)i;
	}
	draft_refuse(draft,
		     "--default %s: no entry leaves that device with the host; name a graphics "
		     "card that is "
		     "selected, or first, or last",
		     word);
	return -1;
}

void mode_multiboot(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct selection *selection, struct draft *draft)
{
	cleanup(menu_choices_done) struct menu_choices named = {0};
	struct menu_request request = {.facts = facts, .wishes = wishes, .default_choice = -1};
	auto_choices struct choices choices = {0};
	auto_text struct text dark = TEXT_INIT;

	make_choices(selection, wishes, &choices);
	if (choices.count == 0) {
		if (selection->problem_count > 0)
			return;
		if (!screens_remain(selection))
			screens_tell_dark(selection, &dark);
		draft_refuse(draft, "there is nothing to choose: %s%s%s", choices.none,
			     dark.data ? ": " : "", text_string(&dark));
		return;
	}
	if (!screens_remain(selection))
		note_dark(selection, draft);
	check_limits(&request, choices.count, draft);
	add_choices(facts, selection, &choices, &named, draft);
	image_plan(facts, wishes, NULL, NULL, draft);
	request.choices = named.items;
	request.choice_count = named.count;
	request.default_choice = find_default(&named, selection, wishes->default_choice, draft);
	menu_plan(&request, draft);
	draft_advise(draft, "The usual entries of the menu are as they were: what they start has "
			    "every device.");
	way_out_advise(&request, WORD_OFF " to the kernel's line", draft);
}
