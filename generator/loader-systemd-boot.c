// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * systemd-boot whose entries kernel-install writes: their words come from /etc/kernel/cmdline, and
 * a plugin of ours derives an entry for each choice. Where that file is missing, kernel-install
 * takes the command line that runs; so it must be there, without our words, from before the first
 * kernel is added anew until after the last one is when all is taken back.
 * Tests: unit/test-multiboot.c.
 */
#include "generator/loader-systemd-boot.h"

#include <string.h>

#include "base/cleanup.h"
#include "generator/by-hand.h"
#include "generator/shell.h"
#include "generator/words.h"
#include "model/boot-entries.h"
#include "model/lines.h"

#define CMDLINE "/etc/kernel/cmdline"
#define PLUGIN "/etc/kernel/install.d/91-hostdev-hook.install"

/* Does kernel-install write the entries, as far as they tell? */
static bool is_installed(const struct boot_kernel_install *install)
{
	return install->program && text_equal(install->layout, "bls") && install->boot_root &&
	       install->token && install->options && !strchr(install->token, ',') &&
	       !strchr(install->boot_root, ',');
}

static bool has_entry(const struct boot_kernel_install *install, const char *release)
{
	for (size_t i = 0; i < install->own_count; i++)
		if (strcmp(install->own[i].release, release) == 0)
			return true;
	return false;
}

/* --- the command line without us --- */

/* kernel-install appends the machine's id by itself; what reserves devices is none of the usual. */
static bool is_usual(const char *word, size_t length, const char *ours)
{
	return !text_starts(word, "systemd.machine_id=") && !text_starts(word, "hostdev.") &&
	       !text_has_word(ours, word, length);
}

static void copy_options(const char *options, const char *ours, struct text *out)
{
	while (*(options += strspn(options, " \t"))) {
		size_t length = strcspn(options, " \t");

		if (is_usual(options, length, ours))
			text_printf(out, "%s%.*s", out->length > 0 ? " " : "", (int)length,
				    options);
		options += length;
	}
}

static void base_text(const struct generate_facts *facts, struct text *out)
{
	const struct boot_kernel_install *install = &facts->boot->kernel_install;
	const char *ours = setup_usual_words(facts->past);

	text_append(out, "", 0);
	/* Our words had a line of their own there, to which somebody may have written more. */
	if (install->cmdline)
		lines_without(install->cmdline, ours,
			      *ours ? setup_reserving_words(facts->past) : "", out);
	else
		copy_options(install->options, ours, out);
	if (out->length > 0 && out->data[out->length - 1] != '\n')
		text_append(out, "\n", 1);
}

/* --- what others have written into an entry --- */

/*
 * The words that kernel-install gives to it, one blank between them, without its own and ours.
 * comments: as version 252 does, to which a comment is words like all others.
 */
static char *words_left(const char *text, const char *ours, bool comments)
{
	const char *const left_out[2] = {ours, NULL};
	auto_text struct text out = TEXT_INIT;

	for (const char *line = text; *line; line = text_next_line(line))
		if (comments || line[strspn(line, " \t")] != '#')
			boot_entry_add_options(line, strcspn(line, "\n"), left_out, &out);
	return text_steal(&out);
}

static void refuse_edited(const struct generate_facts *facts, const struct boot_entry *own,
			  const char *has, const char *gets, struct draft *draft)
{
	const struct boot_kernel_install *install = &facts->boot->kernel_install;
	const char *image = "IMAGE";

	for (size_t i = 0; i < facts->boot->kernel_count; i++)
		if (strcmp(facts->boot->kernels[i].release, own->release) == 0)
			image = facts->boot->kernels[i].image;
	draft_refuse(draft,
		     "%s/loader/entries/%s has the options \"%s\"; kernel-install, which writes "
		     "it anew, would give it those of %s, \"%s\". Put what every kernel is to "
		     "have into " CMDLINE " and run: %s add %s %s",
		     install->boot_root, own->name, has,
		     install->cmdline ? CMDLINE : "another kernel's entry", gets, install->program,
		     own->release, image);
}

/* kernel-install of systemd 252 leaves it where it writes another, under the count of then. */
static bool has_newer(const struct boot_kernel_install *install, const struct boot_entry *own,
		      const char *gets, const char *got, const char *ours)
{
	for (size_t i = 0; i < install->own_count; i++) {
		auto_free char *has = words_left(install->own[i].options, ours, true);

		if (&install->own[i] != own && strcmp(install->own[i].release, own->release) == 0 &&
		    (strcmp(has, gets) == 0 || strcmp(has, got) == 0))
			return true;
	}
	return false;
}

/* The next update of a kernel loses them as well; but nobody shall find it out by a set-up. */
static void check_entries(const struct generate_facts *facts, struct draft *draft)
{
	const struct boot_kernel_install *install = &facts->boot->kernel_install;
	const char *ours = setup_usual_words(facts->past);
	auto_text struct text text = TEXT_INIT;
	auto_free char *gets = NULL, *got = NULL;

	base_text(facts, &text);
	gets = words_left(text.data, ours, false);
	got = words_left(text.data, ours, true);
	for (size_t i = 0; i < install->own_count; i++) {
		auto_free char *has = words_left(install->own[i].options, ours, true);

		if (strcmp(has, gets) == 0 || strcmp(has, got) == 0)
			continue;
		if (has_newer(install, &install->own[i], gets, got, ours))
			draft_refuse(
				draft,
				"%s/loader/entries/%s has the options \"%s\", and kernel-install "
				"has given another entry to its kernel since: remove this one, "
				"which would be lost",
				install->boot_root, install->own[i].name, has);
		else
			refuse_edited(facts, &install->own[i], has, gets, draft);
	}
}

/* --- words that others have put there --- */

struct looking {
	const struct generate_facts *facts;
	const struct boot_entry *own; /* NULL: the file of all entries */
	bool found;
	struct draft *draft;
};

static void tell_word(void *data, const char *word)
{
	struct looking *looking = data;
	const struct boot_kernel_install *install = &looking->facts->boot->kernel_install;

	if (text_has_word(setup_usual_words(looking->facts->past), word, strlen(word)))
		return;
	looking->found = true;
	if (looking->own)
		draft_refuse(looking->draft,
			     "%s/loader/entries/%s has \"%s\", %s: take it out of its options",
			     install->boot_root, looking->own->name, word, words_effect(word));
	else
		draft_refuse(looking->draft,
			     CMDLINE " has \"%s\", %s: take it out, and run %s add KERNEL IMAGE "
				     "for each kernel that has an entry",
			     word, words_effect(word), install->program);
}

/* Entries have what that file has: they are looked at only where it is in order. */
static bool has_words_of_others(const struct menu_request *request, struct draft *draft)
{
	const struct boot_kernel_install *install = &request->facts->boot->kernel_install;
	struct looking looking = {.facts = request->facts, .draft = draft};

	if (request->wishes->mode == GENERATE_DYNAMIC)
		return false;
	if (install->cmdline)
		boot_words_each(install->cmdline, tell_word, &looking);
	if (looking.found)
		return true;
	for (size_t i = 0; i < install->own_count; i++) {
		looking.own = &install->own[i];
		boot_words_each(install->own[i].options, tell_word, &looking);
	}
	return looking.found;
}

/* --- the steps --- */

static void add_cmdline(const struct menu_request *request, struct draft *draft)
{
	bool is_there = request->facts->boot->kernel_install.cmdline != NULL;
	auto_text struct text text = TEXT_INIT;

	base_text(request->facts, &text);
	if (!is_there)
		draft_add_file(draft, DRAFT_BEFORE, CMDLINE, 0, text.data,
			       "the words of the usual entries as they are: without it kernels "
			       "that are added get those of the running one");
	if (request->words) {
		text_printf(&text, "%s\n", request->words);
		draft_add_file(draft, DRAFT_MENU, CMDLINE, 0, text.data,
			       "the words of the usual entries");
	} else if (is_there) {
		draft_add_file(draft, DRAFT_MENU, CMDLINE, 0, text.data,
			       "the words of the usual entries, without ours");
	}
}

static void add_choices(const struct menu_request *request, struct draft *draft)
{
	menu_add_choices(request, draft);
	draft_add_directory(draft, DRAFT_MENU, "/etc/kernel/install.d", "for the next file");
	draft_add_file(draft, DRAFT_MENU, PLUGIN, 0755, shell_kernel_install,
		       "derives the entries from each kernel's own, for new kernels as well");
	draft_add_check(draft, DRAFT_MENU, "shell:" PLUGIN, "its shell can be read");
	draft_note(draft, "kernel-install adds kernels one by one: every kernel gets its entries, "
			  "whatever --kernels says");
	/* Where attempts to boot are counted, the count is part of the id to older versions. */
	if (request->default_choice >= 0)
		draft_refuse(draft,
			     "which entry systemd-boot starts by itself is kept by the firmware, "
			     "and is not written here: leave --default out, and afterwards run "
			     "bootctl set-default \"%s-*-hostdev-%d[.+]*conf\"",
			     request->facts->boot->kernel_install.token,
			     request->default_choice + 1);
}

static void plan_installed(const struct menu_request *request, struct draft *draft)
{
	const struct boot_kernel_install *install = &request->facts->boot->kernel_install;
	auto_free char *build =
		xasprintf("entries:%s,%s,%s", install->program, install->boot_root, install->token);
	auto_free char *base = xasprintf("entries-base:%s,%s", install->boot_root, install->token);
	auto_free char *check = xasprintf("entries:%s,%s", install->boot_root, install->token);

	if (!has_words_of_others(request, draft))
		check_entries(request->facts, draft);
	add_cmdline(request, draft);
	draft_add_check(draft, DRAFT_BEFORE, base, "which entries there are without it");
	draft_add_build(draft, DRAFT_BEFORE, build, "stale",
			"when it is taken back, the entries are written without it");
	if (request->choice_count > 0)
		add_choices(request, draft);
	draft_add_build(draft, DRAFT_BEHIND, build, "built",
			"the entries, and each kernel's image beside them");
	draft_add_check(draft, DRAFT_BEHIND, check,
			"the entries have what was asked for, and all others are as they were");
}

void systemd_boot_settle(const struct generate_facts *facts, struct draft *draft)
{
	const struct menu_request nothing = {.facts = facts, .default_choice = -1};

	if (!facts->past || !is_installed(&facts->boot->kernel_install) ||
	    !facts->boot->kernel_install.cmdline)
		return;
	for (size_t i = 0; i < draft->step_count; i++)
		if (draft->steps[i].kind == STEP_FILE &&
		    strcmp(draft->steps[i].target, CMDLINE) == 0)
			return;
	if (facts->past->choice_count > 0 && *facts->past->choices[0].words)
		check_entries(facts, draft);
	add_cmdline(&nothing, draft);
}

/* Entries that somebody has written by hand are that somebody's. */
static void tell(const struct menu_request *request, const struct by_hand_entry *entry,
		 struct draft *draft)
{
	const struct boot_kernel_install *install = &request->facts->boot->kernel_install;
	const char *root = install->boot_root ? install->boot_root : "/boot";

	if (entry->title) {
		by_hand_copy_entry(request, entry, "-hostdev-", draft);
		return;
	}
	if (!install->entries || !install->entries[0])
		draft_tell_by_hand(draft, "Put at the end of the options of its entries: %s",
				   entry->words);
	for (size_t i = 0; install->entries && install->entries[i]; i++)
		draft_tell_by_hand(draft, "sed -i '/^options/s|$| %s|' '%s/loader/entries/%s'",
				   entry->words, root, install->entries[i]);
}

size_t systemd_boot_kernels(const struct boot *boot)
{
	size_t count = 0;

	for (size_t i = 0; is_installed(&boot->kernel_install) && i < boot->kernel_count; i++)
		count += has_entry(&boot->kernel_install, boot->kernels[i].release);
	return count;
}

bool systemd_boot_carry(const struct menu_request *request, struct draft *draft)
{
	if (!is_installed(&request->facts->boot->kernel_install))
		return false;
	plan_installed(request, draft);
	return true;
}

static void plan(const struct menu_request *request, struct draft *draft)
{
	if (!systemd_boot_carry(request, draft) && (request->words || request->choice_count > 0))
		by_hand_plan(request, LOADER_SYSTEMD_BOOT,
			     "its entries are not those of kernel-install, and belong to whoever "
			     "has written them",
			     tell, draft);
}

const struct loader_adapter adapter_systemd_boot = {
	.loader = LOADER_SYSTEMD_BOOT, .carries_images = true, .finds_words = true, .plan = plan};
