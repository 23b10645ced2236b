// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A draft says what is to be; here it is laid beside what is, and what is so already drops out.
 * What an earlier set-up has put there, and this one does not want, goes.
 * Tests: model/test-apply.c.
 */
#include <stdlib.h>
#include <string.h>

#include "actions/setup/apply-home.h"
#include "base/cleanup.h"
#include "hostdevctl/generate/generate.h"
#include "state/store.h"

void generate_plan_done(struct generate_plan *plan)
{
	setup_done(&plan->setup);
	for (size_t i = 0; i < plan->change_count; i++) {
		free(plan->changes[i].path);
		host_content_done(&plan->changes[i].before);
		host_content_done(&plan->changes[i].after);
	}
	free(plan->changes);
	memset(plan, 0, sizeof(*plan));
}

/* The plan as it is made. */
struct planning {
	const struct generate_host *host;
	const struct draft *draft;
	struct generate_plan plan;
	bool changes_part[DRAFT_PARTS];
};

int generate_value_text(const struct host_content *content, char text[CELL_VALUE_SIZE],
			struct error *err)
{
	struct file_value value;
	int result = store_value_of(-1, content, &value, err);

	if (result == 0)
		file_value_format(&value, text);
	return result;
}

void generate_add_step(struct setup *setup, enum step_kind kind, const char *target,
		       const char *before, const char *after, const char *why)
{
	const struct step step = {.kind = kind,
				  .target = xstrdup(target),
				  .before = xstrdup(before),
				  .after = xstrdup(after),
				  .why = xstrdup(why)};

	setup_add_step(setup, &step);
}

/* Takes both contents over. */
static int add_change(struct planning *planning, const char *path, struct host_content *before,
		      struct host_content *after, const char *why, struct error *err)
{
	struct generate_plan *plan = &planning->plan;
	char old[CELL_VALUE_SIZE], new[CELL_VALUE_SIZE];
	int result = generate_value_text(before, old, err);

	if (result == 0)
		result = generate_value_text(after, new, err);
	if (result < 0 || file_value_equal(old, new))
		return result;
	generate_add_step(&planning->plan.setup, STEP_FILE, path, old, new, why);
	array_push(plan->changes, plan->change_count,
		   (struct generate_change){.path = xstrdup(path),
					    .step = plan->setup.step_count - 1,
					    .before = *before,
					    .after = *after});
	*before = *after = (struct host_content)CONTENT_INIT;
	return 0;
}

static void append_text(struct text *out, const struct text *more)
{
	text_append(out, text_string(more), more->length);
}

void generate_content_copy(const struct host_content *from, struct host_content *ret)
{
	*ret = *from;
	ret->bytes = ret->xattrs = (struct text)TEXT_INIT;
	append_text(&ret->bytes, &from->bytes);
	append_text(&ret->xattrs, &from->xattrs);
}

/* What a file of others has besides its content stays. */
static void wanted_content(const struct draft_step *step, const struct host_content *now,
			   struct host_content *ret)
{
	ret->type = step->type == DRAFT_REGULAR     ? CONTENT_REGULAR
		    : step->type == DRAFT_DIRECTORY ? CONTENT_DIRECTORY
						    : CONTENT_ABSENT;
	ret->mode = step->mode ? step->mode : 0644;
	append_text(&ret->bytes, &step->bytes);
	if (now->type != CONTENT_REGULAR || step->type != DRAFT_REGULAR)
		return;
	ret->uid = now->uid;
	ret->gid = now->gid;
	if (!step->mode)
		ret->mode = now->mode;
	if (now->xattrs.length > 0)
		text_append(&ret->xattrs, now->xattrs.data, now->xattrs.length);
}

/* What a step before this one leaves there, or else what is there now. */
static int read_content(const struct planning *planning, const char *path, struct host_content *ret,
			struct error *err)
{
	for (size_t i = planning->plan.change_count; i-- > 0;) {
		const struct generate_change *change = &planning->plan.changes[i];

		if (strcmp(change->path, path) != 0)
			continue;
		generate_content_copy(&change->after, ret);
		return 0;
	}
	return host_content_read(&planning->host->host, path, ret, err);
}

static int plan_file(struct planning *planning, const struct draft_step *step, struct error *err)
{
	auto_content struct host_content now = CONTENT_INIT, wanted = CONTENT_INIT;
	size_t before = planning->plan.change_count;
	int result = read_content(planning, step->target, &now, err);

	if (result < 0)
		return result;
	if (step->type == DRAFT_DIRECTORY && now.type == CONTENT_DIRECTORY)
		return 0;
	wanted_content(step, &now, &wanted);
	result = add_change(planning, step->target, &now, &wanted, step->why, err);
	planning->changes_part[step->part] |= planning->plan.change_count > before;
	return result;
}

/* --- what an earlier set-up has left --- */

static bool draft_has(const struct draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->step_count; i++)
		if (draft->steps[i].kind == STEP_FILE && strcmp(draft->steps[i].target, path) == 0)
			return true;
	return false;
}

/* The value before the first of all set-ups; it is what the file goes back to. */
static bool is_first_on(const struct setups *setups, size_t entry, size_t step)
{
	const char *path = setups->items[entry].setup.steps[step].target;

	for (size_t i = 0; i < entry; i++) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = 0; j < setup->step_count; j++)
			if (setup->steps[j].kind == STEP_FILE &&
			    strcmp(setup->steps[j].target, path) == 0 &&
			    journal_mark_is_unsettled(setup->marks[j]))
				return false;
	}
	return true;
}

static int take_step_back(const struct planning *planning, const struct setup *setup,
			  const struct step *step, struct host_content *content, struct error *err)
{
	const struct apply_home how = {.store = planning->host->setups.dir,
				       .path = step->target,
				       .setup = setup,
				       .before = step->before,
				       .after = step->after};
	struct apply_home_result home = {.content = CONTENT_INIT};
	int result = apply_home(&how, content, &home, err);

	if (result == 0 && home.changes) {
		host_content_done(content);
		*content = home.content;
	} else {
		host_content_done(&home.content);
	}
	return result;
}

/* One set-up after the other, as an undo does it: between two of them somebody may have edited. */
static int take_file_back(const struct planning *planning, const char *path,
			  struct host_content *content, struct error *err)
{
	const struct setups *setups = &planning->host->setups;
	int result = 0;

	for (size_t i = setups->count; i-- > 0;) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = setup->step_count; result == 0 && j-- > 0;)
			if (setup->steps[j].kind == STEP_FILE &&
			    strcmp(setup->steps[j].target, path) == 0 &&
			    journal_mark_is_unsettled(setup->marks[j]))
				result = take_step_back(planning, setup, &setup->steps[j], content,
							err);
	}
	return result;
}

/* A directory stays until all is taken back: others may have put something in it. */
static int plan_leftover(struct planning *planning, const struct step *step, struct error *err)
{
	const struct host *host = &planning->host->host;
	auto_content struct host_content now = CONTENT_INIT, then = CONTENT_INIT;
	size_t before = planning->plan.change_count;
	int result;

	if (text_starts(step->after, "directory,"))
		return 0;
	result = host_content_read(host, step->target, &now, err);
	if (result == 0)
		result = host_content_read(host, step->target, &then, err);
	if (result == 0)
		result = take_file_back(planning, step->target, &then, err);
	if (result == 0)
		result = add_change(planning, step->target, &now, &then,
				    "what the earlier set-up has put there is not wanted any more",
				    err);
	planning->changes_part[draft_part_of(step->target)] |= planning->plan.change_count > before;
	return result;
}

static int plan_leftovers(struct planning *planning, enum draft_part part, struct error *err)
{
	const struct setups *setups = &planning->host->setups;
	int result = 0;

	for (size_t i = 0; i < setups->count; i++) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = 0; result == 0 && j < setup->step_count; j++) {
			const struct step *step = &setup->steps[j];

			if (step->kind == STEP_FILE && journal_mark_is_unsettled(setup->marks[j]) &&
			    draft_part_of(step->target) == part &&
			    !draft_has(planning->draft, step->target) && is_first_on(setups, i, j))
				result = plan_leftover(planning, step, err);
		}
	}
	return result;
}

/* --- parts --- */

static int plan_files(struct planning *planning, enum draft_part part, struct error *err)
{
	int result = plan_leftovers(planning, part, err);

	for (size_t i = 0; result == 0 && i < planning->draft->step_count; i++) {
		const struct draft_step *step = &planning->draft->steps[i];

		if (step->part == part && step->kind == STEP_FILE)
			result = plan_file(planning, step, err);
	}
	return result;
}

static bool draft_builds(const struct draft *draft, enum draft_part part)
{
	for (size_t i = 0; i < draft->step_count; i++)
		if (draft->steps[i].part == part && draft->steps[i].kind == STEP_BUILD)
			return true;
	return false;
}

static void add_draft_step(struct planning *planning, const struct draft_step *step)
{
	if (step->kind == STEP_CHECK)
		generate_add_step(&planning->plan.setup, STEP_CHECK, step->target, "open", "passed",
				  step->why);
	else
		generate_add_step(&planning->plan.setup, STEP_BUILD, step->target,
				  strcmp(step->after, "built") == 0 ? "stale" : "built",
				  step->after, step->why);
}

/* How the targets of what is built in each part begin. */
static const char *const prefixes[DRAFT_PARTS] = {
	[DRAFT_BEFORE] = "entries:",
	[DRAFT_IMAGE] = "image:",
	[DRAFT_MENU] = "menu:",
	[DRAFT_BEHIND] = "entries:",
};

static bool is_build_of(const struct step *step, enum draft_part part)
{
	return step->kind == STEP_BUILD && text_starts(step->target, prefixes[part]);
}

/* The newest set-up that has built anything of the part, or NULL. */
static const struct setup *find_builder(const struct setups *setups, enum draft_part part)
{
	for (size_t i = setups->count; i-- > 0;) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = 0; j < setup->step_count; j++)
			if (is_build_of(&setup->steps[j], part) &&
			    journal_mark_is_unsettled(setup->marks[j]))
				return setup;
	}
	return NULL;
}

/* What an earlier set-up has built, where this one builds nothing of the kind. */
static void add_past_builds(struct planning *planning, enum draft_part part, bool forward)
{
	const struct setup *past = find_builder(&planning->host->setups, part);

	for (size_t i = 0; past && i < past->step_count; i++) {
		const struct step *step = &past->steps[i];

		if (is_build_of(step, part) && (strcmp(step->after, "built") == 0) == forward)
			generate_add_step(&planning->plan.setup, STEP_BUILD, step->target,
					  step->before, step->after, step->why);
	}
}

/* Those that stand before the draft's first file of the part, or those behind it. */
static void add_others(struct planning *planning, enum draft_part part, bool behind)
{
	bool passed = false;

	for (size_t i = 0; i < planning->draft->step_count; i++) {
		const struct draft_step *step = &planning->draft->steps[i];

		if (step->part != part)
			continue;
		if (step->kind == STEP_FILE)
			passed = true;
		else if (passed == behind)
			add_draft_step(planning, step);
	}
	if (!draft_builds(planning->draft, part))
		add_past_builds(planning, part, behind);
}

static void drop_steps(struct setup *setup, size_t begin)
{
	while (setup->step_count > begin)
		step_done(&setup->steps[--setup->step_count]);
}

/* The steps of one part, or none where nothing of it changes. */
static int plan_part(struct planning *planning, enum draft_part part, struct error *err)
{
	struct setup *setup = &planning->plan.setup;
	size_t begin = setup->step_count;
	int result;

	add_others(planning, part, false);
	result = plan_files(planning, part, err);
	if (result < 0)
		return result;
	if (planning->changes_part[part]) {
		add_others(planning, part, true);
		return 0;
	}
	drop_steps(setup, begin);
	return 0;
}

/* What is not written but built or looked at: the draft's, or what the earlier set-up has built. */
static void add_around(struct planning *planning, enum draft_part part)
{
	for (size_t i = 0; i < planning->draft->step_count; i++)
		if (planning->draft->steps[i].part == part &&
		    planning->draft->steps[i].kind != STEP_FILE)
			add_draft_step(planning, &planning->draft->steps[i]);
	if (!draft_builds(planning->draft, part))
		add_past_builds(planning, part, part == DRAFT_BEHIND);
}

/* Its files come first: what is built here when all is taken back still finds them. */
static int plan_before(struct planning *planning, struct error *err)
{
	int result = plan_files(planning, DRAFT_BEFORE, err);

	if (result == 0)
		add_around(planning, DRAFT_BEFORE);
	return result;
}

/* Where neither image nor menu changes, there is nothing to be done before or behind them. */
static void plan_behind(struct planning *planning)
{
	if (planning->changes_part[DRAFT_IMAGE] || planning->changes_part[DRAFT_MENU])
		add_around(planning, DRAFT_BEHIND);
	else
		drop_steps(&planning->plan.setup, 0);
}

/* What others would lose is found before anything is built, which takes minutes. */
static void look_first(struct generate_plan *plan)
{
	struct setup *setup = &plan->setup;

	for (size_t i = 1; i < setup->step_count; i++) {
		struct step step = setup->steps[i];

		if (step.kind != STEP_CHECK || !text_starts(step.target, "menu-base:"))
			continue;
		memmove(&setup->steps[1], &setup->steps[0], i * sizeof(step));
		setup->steps[0] = step;
		for (size_t j = 0; j < plan->change_count; j++)
			plan->changes[j].step += plan->changes[j].step < i;
	}
}

int generate_plan_make(const struct generate_host *host, struct draft *draft,
		       struct generate_plan *ret, struct error *err)
{
	struct planning planning = {.host = host, .draft = draft, .plan.setup = draft->promise};
	int result;

	memset(&draft->promise, 0, sizeof(draft->promise));
	result = plan_before(&planning, err);
	/* The image first: no entry of the menu may point at what is not finished. */
	if (result == 0)
		result = plan_part(&planning, DRAFT_IMAGE, err);
	if (result == 0)
		result = plan_part(&planning, DRAFT_MENU, err);
	if (result == 0)
		plan_behind(&planning);
	look_first(&planning.plan);
	*ret = planning.plan;
	return result;
}
