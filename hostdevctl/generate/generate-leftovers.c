// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of a set-up of which no record tells any more: finding them, and making a record by which
 * they can be taken back as others are. Tests: model/test-apply-leftovers.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/leftovers.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "parsers/boot/boot.h"
#include "state/store.h"

void generate_know_boot(struct generate_host *host)
{
	if (host->facts.boot)
		return;
	boot_read(&host->host, &host->boot, NULL);
	host->facts.boot = &host->boot;
}

/* --- finding --- */

static bool has_record(const struct setups *setups, const char *path)
{
	for (size_t i = 0; i < setups->count; i++)
		if (setup_has_file(&setups->items[i].setup, path))
			return true;
	return false;
}

static bool records_build_entries(const struct setups *setups)
{
	for (size_t i = 0; i < setups->count; i++) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = 0; j < setup->step_count; j++)
			if (setup->steps[j].kind == STEP_BUILD &&
			    text_starts(setup->steps[j].target, "entries:"))
				return true;
	}
	return false;
}

/* Of a side with text the bytes are that; NULL: it is absent. */
static void add_left(struct generate_plan *left, const char *path, const struct host_content *now,
		     const struct text *before, const struct text *after)
{
	struct generate_change change = {
		.path = xstrdup(path), .before = CONTENT_INIT, .after = CONTENT_INIT};
	const struct text *const texts[] = {before, after};
	struct host_content *const sides[] = {&change.before, &change.after};

	for (size_t i = 0; i < 2; i++) {
		if (!texts[i])
			continue;
		generate_content_copy(now, sides[i]);
		sides[i]->has_mtime = false;
		text_done(&sides[i]->bytes);
		text_append(&sides[i]->bytes, texts[i]->data ? texts[i]->data : "",
			    texts[i]->length);
	}
	array_push(left->changes, left->change_count, change);
}

static const char *text_of(const struct host_content *content)
{
	return text_string(&content->bytes);
}

/* What cannot be read is not known to be ours. */
static bool read_file(const struct generate_host *host, const char *path, struct host_content *ret)
{
	return !has_record(&host->setups, path) &&
	       host_content_read(&host->host, path, ret, NULL) == 0 && ret->type == CONTENT_REGULAR;
}

static void find_files(const struct generate_host *host, struct generate_plan *left)
{
	for (size_t i = 0; leftover_files[i]; i++) {
		auto_content struct host_content now = CONTENT_INIT;
		auto_text struct text ours = TEXT_INIT;

		if (read_file(host, leftover_files[i], &now) &&
		    leftover_take(leftover_files[i], text_of(&now), &ours))
			add_left(left, leftover_files[i], &now, NULL, &ours);
	}
}

static void find_entries(const struct generate_host *host, struct generate_plan *left)
{
	const struct boot *boot = &host->boot;
	char *const *names = boot->kernel_install.entries;

	if (records_build_entries(&host->setups))
		return;
	for (size_t i = 0; names && names[i]; i++) {
		auto_free char *path =
			xasprintf("%s/loader/entries/%s", boot->kernel_install.boot_root, names[i]);
		auto_content struct host_content now = CONTENT_INIT;

		if (read_file(host, path, &now) &&
		    leftover_entry_is_ours(boot, names[i], text_of(&now)))
			add_left(left, path, &now, NULL, &now.bytes);
	}
}

static void find_edited(const struct generate_host *host, struct generate_plan *left)
{
	bool beside = left->change_count > 0;

	for (size_t i = 0; leftover_edited[i]; i++) {
		auto_content struct host_content now = CONTENT_INIT;
		auto_text struct text rest = TEXT_INIT;

		if (read_file(host, leftover_edited[i], &now) &&
		    leftover_take_out(leftover_edited[i], text_of(&now), &host->boot, beside,
				      &rest))
			add_left(left, leftover_edited[i], &now, &rest, &now.bytes);
	}
}

static bool has_left(const struct generate_plan *left, const char *dir, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);

	for (size_t i = 0; i < left->change_count; i++)
		if (strcmp(left->changes[i].path, path) == 0)
			return true;
	return false;
}

/* Directories that would be left with nothing in them. */
static void find_dirs(const struct generate_host *host, struct generate_plan *left)
{
	for (size_t i = 0; leftover_dirs[i]; i++) {
		const char *dir = leftover_dirs[i];
		auto_content struct host_content now = CONTENT_INIT;
		char **names = NULL;
		size_t count = 0, ours = 0;

		if (has_record(&host->setups, dir) ||
		    host_content_read(&host->host, dir, &now, NULL) < 0 ||
		    now.type != CONTENT_DIRECTORY ||
		    host_list_hidden(&host->host, HOST_ROOT, &names, &count, NULL, "%s", dir + 1) <
			    0)
			continue;
		for (size_t j = 0; j < count; j++)
			ours += has_left(left, dir, names[j]);
		if (count > 0 && ours == count)
			add_left(left, dir, &now, NULL, &now.bytes);
		host_free_names(&names);
	}
}

void generate_leftovers_find(const struct generate_host *host, struct generate_plan *ret)
{
	struct generate_plan left = {0};

	/* What a record that cannot be read has written is not known. */
	if (!host->setups.unreadable) {
		find_files(host, &left);
		find_entries(host, &left);
		find_edited(host, &left);
		find_dirs(host, &left);
	}
	*ret = left;
}

void generate_leftovers_tell(const struct generate_plan *left, struct text *out)
{
	size_t count = 0;

	text_printf(out, "no record in /var/lib/" SETUPS_DIR " tells of ");
	for (size_t i = 0; i < left->change_count; i++)
		if (left->changes[i].after.type == CONTENT_REGULAR)
			text_printf(out, "%s%s", count++ > 0 ? ", " : "", left->changes[i].path);
	text_printf(out,
		    ": an earlier set-up has written this, and each start of this host still "
		    "reserves devices by it; \"hostdevctl generate undo --apply\" takes it back");
}

bool generate_leftovers_refuse(const struct generate_host *host)
{
	cleanup(generate_plan_done) struct generate_plan left = {0};
	auto_text struct text told = TEXT_INIT;

	generate_leftovers_find(host, &left);
	if (left.change_count == 0)
		return false;
	generate_leftovers_tell(&left, &told);
	command_note("%s. Nothing was changed: do that first", told.data);
	return true;
}

/* --- a record of them --- */

static void promise(const struct boot *boot, struct generate_plan *left)
{
	struct setup *setup = &left->setup;

	for (size_t i = 0; i < left->change_count; i++)
		leftover_promise(left->changes[i].path, text_of(&left->changes[i].after), setup);
	setup->arguments = setup->arguments ? setup->arguments : xstrdup("static");
	setup->mode = setup->mode ? setup->mode : xstrdup("static");
	setup->version = xstrdup(HOSTDEV_VERSION);
	for (size_t i = 0; i < boot->kernel_count && !setup->kernel; i++)
		if (boot->kernels[i].runs)
			setup->kernel = xstrdup(boot->kernels[i].release);
	setup->kernel = setup->kernel ? setup->kernel : xstrdup("unknown");
}

static void draft(const struct generate_host *host, const struct generate_plan *left,
		  struct draft *ret)
{
	auto_free const char **paths = xcalloc(left->change_count, sizeof(*paths));

	for (size_t i = 0; i < left->change_count; i++)
		paths[i] = left->changes[i].path;
	leftovers_draft(&host->boot, paths, left->change_count, ret);
}

/* As it stands when all of it is done, and is being taken back. */
static void add_step(struct setup *setup, enum step_kind kind, const char *target,
		     const char *before, const char *after, const char *why)
{
	generate_add_step(setup, kind, target, before, after, why);
	setup->marks[setup->step_count - 1] = MARK_DONE;
}

/* What is built anew, and looked at, when the files are taken back. */
static void add_around(const struct draft *draft, enum draft_part part, struct setup *setup)
{
	static const char *const checks[] = {"image:", "menu-base:", "entries-base:"};

	for (size_t i = 0; i < draft->step_count; i++) {
		const struct draft_step *step = &draft->steps[i];

		if (step->part != part)
			continue;
		if (step->kind == STEP_BUILD && strcmp(step->after, "stale") == 0)
			add_step(setup, STEP_BUILD, step->target, "built", "stale", step->why);
		for (size_t j = 0; step->kind == STEP_CHECK && j < 3; j++)
			if (text_starts(step->target, checks[j]))
				add_step(setup, STEP_CHECK, step->target, "open", "passed",
					 step->why);
	}
}

static int add_files(struct generate_plan *left, enum draft_part part, int type, struct error *err)
{
	char before[CELL_VALUE_SIZE], after[CELL_VALUE_SIZE];
	int result = 0;

	for (size_t i = 0; result == 0 && i < left->change_count; i++) {
		struct generate_change *change = &left->changes[i];

		if (draft_part_of(change->path) != part || (int)change->after.type != type)
			continue;
		result = generate_value_text(&change->before, before, err);
		if (result == 0)
			result = generate_value_text(&change->after, after, err);
		if (result < 0)
			return result;
		change->step = left->setup.step_count;
		add_step(&left->setup, STEP_FILE, change->path, before, after,
			 "no record has told of it");
	}
	return result;
}

int generate_leftovers_record(const struct generate_host *host, struct generate_plan *left,
			      struct error *err)
{
	auto_draft struct draft around = {0};
	int result = 0;

	promise(&host->boot, left);
	draft(host, left, &around);
	for (enum draft_part part = DRAFT_BEFORE; result == 0 && part < DRAFT_PARTS; part++) {
		add_around(&around, part, &left->setup);
		result = add_files(left, part, CONTENT_DIRECTORY, err);
		if (result == 0)
			result = add_files(left, part, CONTENT_REGULAR, err);
	}
	left->setup.applied = left->setup.undoing = true;
	return result;
}
