// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same devices at every boot: on the command line of the usual entries, or in the image.
 * Tests: unit/test-static.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "generator/image.h"
#include "generator/mode.h"
#include "generator/screens.h"
#include "generator/way-out.h"
#include "generator/words.h"
#include "model/promise.h"

/* Those that are selected: all that the host has. */
static void name_screens(const struct selection *selection, struct text *names, size_t *ret_count)
{
	for (size_t i = 0; i < selection->group_count; i++) {
		const struct group *group = selection->groups[i].group;

		for (size_t j = 0; j < group->member_count; j++) {
			const struct device *device =
				snapshot_device(selection->snapshot, &group->members[j]);

			if (device && facts_is_screen(selection->facts, device))
				text_printf(names, "%s%s", (*ret_count)++ > 0 ? " and " : "",
					    LABEL(device));
		}
	}
}

static void check_screens(const struct selection *selection, const struct generate_wishes *wishes,
			  struct draft *draft)
{
	auto_text struct text names = TEXT_INIT, dark = TEXT_INIT;
	size_t count = 0;

	if (wishes->headless || screens_remain(selection))
		return;
	name_screens(selection, &names, &count);
	screens_tell_dark(selection, &dark);
	draft_refuse(
		draft,
		"%s %s the only graphics of this host%s%s%s, which would have no screen from "
		"its next start on: leave %s, or insist with --headless",
		names.data, count == 1 ? "is" : "are", dark.data ? " that can have a screen (" : "",
		text_string(&dark), dark.data ? ")" : "",
		count == 1 ? "it out"
			   : "one of them out, let the boot menu choose (\"hostdevctl generate "
			     "multiboot\")");
}

/* Reserved by address: a line of the reserve for each, or one word. */
static void add_addresses(const struct reserved *reserved, bool in_conf, struct text *words,
			  struct text *reserve)
{
	if (!in_conf) {
		words_guest(reserved, words);
		return;
	}
	for (size_t i = 0; i < reserved->count; i++) {
		words_item(reserved, i, reserve);
		text_printf(reserve, "\n");
	}
}

/* Reserved by ids: the driver takes what has them when it is loaded, which the binder does early.
 */
static void add_ids(const struct reserved *reserved, bool in_conf, struct text *words,
		    struct text *reserve, struct text *options)
{
	text_printf(in_conf ? options : words, in_conf ? "options vfio-pci ids=" : "vfio-pci.ids=");
	words_ids(reserved, in_conf ? options : words);
	if (!in_conf)
		return;
	text_printf(options, "\n");
	text_printf(reserve, "ids\n");
}

static bool has_builtin_vfio(const struct boot *boot)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].vfio_pci == BOOT_DRIVER_BUILTIN)
			return true;
	return false;
}

static void advise(const struct menu_request *request, struct draft *draft)
{
	/* A driver that is built in reads its ids before any image runs. */
	if (request->wishes->by_ids && has_builtin_vfio(request->facts->boot)) {
		way_out_advise(request,
			       "vfio-pci.ids= with nothing behind it to the end of the kernel's "
			       "line",
			       draft);
		return;
	}
	way_out_advise(request, WORD_OFF " to the kernel's line", draft);
	if (request->wishes->in_conf)
		draft_advise(draft, "Entries with \"single\", \"recovery\", \"rescue\" or "
				    "\"emergency\" on their line do not reserve anything.");
}

/* A driver that is built in has its devices before any image runs, and ids take none away. */
static void check_builtin(const struct generate_facts *facts, const struct reserved *reserved,
			  struct draft *draft)
{
	for (size_t i = 0; i < reserved->count; i++) {
		const struct device *device = reserved->devices[i];
		const char *home = homes_driver(facts->homes, device);

		for (size_t j = 0; *home && j < facts->boot->kernel_count; j++)
			if (boot_kernel_has_builtin(&facts->boot->kernels[j], home))
				draft_refuse(
					draft,
					"%s: its driver %s is built into kernel %s, and has it "
					"before vfio-pci could take it by its ids: leave --bind "
					"out, which takes it from that driver",
					LABEL(device), home, facts->boot->kernels[j].release);
	}
}

static void check_binding(const struct generate_facts *facts, const struct generate_wishes *wishes,
			  const struct reserved *reserved, struct draft *draft)
{
	if (!wishes->by_ids)
		return;
	reserved_check_ids(facts, reserved, draft);
	check_builtin(facts, reserved, draft);
	if (wishes->in_conf && has_builtin_vfio(facts->boot))
		draft_refuse(draft, "vfio-pci is built into a kernel of this host, which reads no "
				    "options from files: use --method cmdline, or leave --bind "
				    "out");
}

/* Typed words would undo what is asked for beside them, or do more than is checked and promised. */
static void check_typed(const char *typed, struct draft *draft)
{
	auto_free char *copy = xstrdup(typed);
	char *at = copy, *word;

	while ((word = strsep(&at, " "))) {
		if (promise_is_switched_off(word))
			draft_refuse(draft,
				     "--grub-cmdline: with \"%s\" on its line a kernel reserves "
				     "nothing",
				     word);
		if (text_starts(word, WORD_GUEST))
			draft_refuse(draft, "--grub-cmdline: name devices by --devices, and not by "
					    "\"" WORD_GUEST "\"");
	}
}

static void tell_running_word(void *data, const char *word)
{
	if (text_starts(word, WORD_GUEST))
		draft_note(data,
			   "the kernel that runs was started with \"%s\": at a start with such a "
			   "word that alone counts, and not what is in the image",
			   word);
}

/*
 * Where nothing is written to the loader's files and nobody reads them, somebody may have done so
 * by hand. Where they are read, a word that the running kernel alone has is of a set-up that was
 * taken back since, or was typed for one boot.
 */
static void note_running(const struct generate_facts *facts, struct draft *draft)
{
	auto_text struct text others = TEXT_INIT;

	for (const char *at = facts->boot->cmdline; at && *(at += strspn(at, " "));) {
		size_t length = strcspn(at, " ");
		bool ours = false;

		for (size_t i = 0; facts->past && i < facts->past->choice_count; i++)
			ours |= text_has_word(facts->past->choices[i].words, at, length);
		if (!ours)
			text_printf(&others, " %.*s", (int)length, at);
		at += length;
	}
	if (draft->refusals.count == 0)
		boot_words_each(text_string(&others), tell_running_word, draft);
}

void mode_static(const struct generate_facts *facts, const struct generate_wishes *wishes,
		 struct selection *selection, struct draft *draft)
{
	auto_text struct text words = TEXT_INIT, reserve = TEXT_INIT, options = TEXT_INIT;
	auto_reserved struct reserved reserved = {0};
	struct menu_request request = {.facts = facts, .wishes = wishes, .default_choice = -1};
	bool words_known = false;

	check_screens(selection, wishes, draft);
	reserved_of_selection(selection, &reserved);
	if (reserved.count == 0) {
		if (draft->refusals.count == 0)
			draft_refuse(draft,
				     "nothing is selected: %s. \"hostdevctl generate static\" "
				     "alone says what there is",
				     selection_why_none(selection));
		return;
	}
	check_binding(facts, wishes, &reserved, draft);
	reserved_promise(facts, &reserved, draft);
	screens_note_prompt(facts, &reserved, draft);
	if (wishes->by_ids) {
		add_ids(&reserved, wishes->in_conf, &words, &reserve, &options);
	} else {
		reserved_note_twins(facts, &reserved, draft);
		add_addresses(&reserved, wishes->in_conf, &words, &reserve);
	}
	if (wishes->extra_words)
		check_typed(wishes->extra_words, draft);
	if (wishes->extra_words)
		text_printf(&words, "%s%s", words.length > 0 ? " " : "", wishes->extra_words);
	if (words.length > 0)
		words_check(facts, words.data, draft);
	setup_add_choice(&draft->promise, xstrdup("static"), xstrdup(text_string(&words)));
	image_plan(facts, wishes, reserve.data, options.data, draft);
	request.words = words.data;
	if (words.length > 0)
		menu_plan(&request, draft);
	else
		words_known = menu_plan_carrier(&request, draft);
	if (wishes->in_conf && !words_known)
		note_running(facts, draft);
	advise(&request, draft);
}
