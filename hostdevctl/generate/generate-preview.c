// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan of a set-up, printed: what changes in each file, each command, in order, and how to get
 * out again. Tests: generator/previews.bats.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "hostdevctl/output/json.h"

static void print_list(const char *before, const struct draft_remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		command_note("%s%s", before, remarks->items[i]);
}

void generate_print_remarks(const struct draft *draft, bool quiet)
{
	if (!quiet)
		print_list("note: ", &draft->notes);
	print_list("", &draft->refusals);
	for (size_t i = 0; i < draft->by_hand.count; i++)
		fprintf(stderr, "  %s\n", draft->by_hand.items[i]);
}

static const struct generate_change *find_change(const struct generate_plan *plan,
						 const struct step *step)
{
	for (size_t i = 0; i < plan->change_count; i++)
		if (&plan->setup.steps[plan->changes[i].step] == step)
			return &plan->changes[i];
	return NULL;
}

char *generate_command_text(const char *target)
{
	const char *words = strchr(target, ':') + 1;
	const char *kernel = strstr(words, "," STEP_EACH_KERNEL);
	auto_free char *command = NULL;

	if (text_starts(target, "entries:"))
		return xasprintf("%.*s add KERNEL IMAGE, for each kernel that has an entry",
				 (int)strcspn(words, ","), words);
	command = xstrdup(words);
	for (char *at = command; *at; at++)
		if (*at == ',')
			*at = ' ';
	return kernel && strcmp(kernel, "," STEP_EACH_KERNEL) == 0
		       ? xasprintf("%s, for each kernel that can be started", command)
		       : steal(&command);
}

static void print_file(const struct generate_change *change)
{
	auto_free char *diff = NULL;

	if (change->after.type == CONTENT_DIRECTORY) {
		printf("# directory %s (mode %04o)\n", change->path, change->after.mode);
		return;
	}
	diff = generate_diff(change);
	if (change->after.type == CONTENT_ABSENT)
		printf("# %s is removed\n", change->path);
	else
		printf("# %s (mode %04o)\n", change->path, change->after.mode);
	fputs(diff, stdout);
}

static void print_step(const struct generate_plan *plan, const struct step *step)
{
	auto_free char *command = NULL;

	if (step->kind == STEP_FILE) {
		print_file(find_change(plan, step));
	} else if (step->kind == STEP_BUILD && strcmp(step->after, "built") == 0) {
		command = generate_command_text(step->target);
		printf("$ %s\n", command);
	} else if (step->kind == STEP_CHECK) {
		bool of_file = text_starts(step->target, "shell:") ||
			       text_starts(step->target, "options:");
		const char *path = of_file ? strchr(step->target, '/') : NULL;

		printf("# check%s%s: %s\n", path ? " " : "", path ? path : "", step->why);
	}
}

void generate_print_way_out(const struct draft *draft)
{
	printf("\nHow to get out again:\n");
	for (size_t i = 0; i < draft->advice.count; i++)
		printf("  %s\n", draft->advice.items[i]);
	printf("  \"hostdevctl generate undo --apply\" takes all of it back; for a host that does "
	       "not "
	       "start any more,\n  \"hostdevctl generate undo --root /mnt --apply\" from another "
	       "system that has it mounted there.\n");
}

static void print_nothing(const struct draft *draft, bool is_dynamic)
{
	for (size_t i = 0; i < draft->advice.count && is_dynamic; i++)
		command_note("%s", draft->advice.items[i]);
	/* What can be pasted must not end with words that are none of it. */
	if (draft->printed.length == 0)
		printf("changed: no\n");
	else
		command_note("changed: no");
}

bool generate_asks(const struct generate_options *options)
{
	return !options->yes && isatty(STDIN_FILENO);
}

static void print_text(const struct generate_options *options, const struct draft *draft,
		       const struct generate_plan *plan)
{
	if (draft->printed.length > 0)
		fputs(draft->printed.data, stdout);
	if (plan->setup.step_count == 0) {
		if (!options->quiet)
			print_nothing(draft, strcmp(plan->setup.mode, "dynamic") == 0);
		return;
	}
	/* What is carried out without a question is told as it is done. */
	if (options->quiet || (options->apply && !generate_asks(options)))
		return;
	for (size_t i = 0; i < plan->setup.step_count; i++)
		print_step(plan, &plan->setup.steps[i]);
	if (!options->apply)
		generate_print_way_out(draft);
	if (!options->apply)
		printf("\nNothing was written. The same command with --apply carries this out.\n");
}

/* --- JSON --- */

static void json_list(const char *name, const struct draft_remarks *remarks, struct text *out)
{
	text_printf(out, "   \"%s\": [", name);
	for (size_t i = 0; i < remarks->count; i++) {
		text_printf(out, "%s", i > 0 ? ", " : "");
		json_string(remarks->items[i], out);
	}
	text_printf(out, "],\n");
}

void generate_json_choices(const struct setup *setup, struct text *out)
{
	text_printf(out, "\"choices\": [");
	for (size_t i = 0; i < setup->choice_count; i++) {
		text_printf(out, "%s{", i > 0 ? ", " : "");
		json_member("id", setup->choices[i].id, ", ", out);
		json_member("words", setup->choices[i].words, "}", out);
	}
	text_printf(out, "]");
}

static void json_step(const struct generate_plan *plan, const struct step *step, struct text *out)
{
	text_printf(out, "{");
	json_member("kind", step_kind_name(step->kind), ", ", out);
	json_member("target", step->target, ", ", out);
	json_member("before", step->before, ", ", out);
	json_member("after", step->after, ", ", out);
	if (step->kind == STEP_FILE) {
		auto_free char *diff = generate_diff(find_change(plan, step));

		json_member("diff", diff, ", ", out);
	}
	json_member("why", step->why, "}", out);
}

void generate_json(const struct draft *draft, const struct generate_plan *plan, bool changed,
		   struct text *ret)
{
	struct text out = TEXT_INIT;
	const struct setup *setup = &plan->setup;

	text_printf(&out, JSON_OPENING);
	json_member("mode", setup->mode, ",\n", &out);
	text_printf(&out, "   \"changed\": %s,\n", changed ? "true" : "false");
	json_list("refusals", &draft->refusals, &out);
	json_list("notes", &draft->notes, &out);
	json_list("advice", &draft->advice, &out);
	json_list("by_hand", &draft->by_hand, &out);
	text_printf(&out, "   ");
	generate_json_choices(setup, &out);
	text_printf(&out, ",\n   \"steps\": [");
	for (size_t i = 0; i < setup->step_count; i++) {
		text_printf(&out, "%s\n      ", i > 0 ? "," : "");
		json_step(plan, &setup->steps[i], &out);
	}
	text_printf(&out, "%s],\n   ", setup->step_count > 0 ? "\n   " : "");
	json_member("printed", text_string(&draft->printed), "\n}\n", &out);
	*ret = out;
}

void generate_preview(const struct generate_options *options, const struct draft *draft,
		      const struct generate_plan *plan)
{
	auto_text struct text json = TEXT_INIT;

	if (!options->json) {
		print_text(options, draft, plan);
		return;
	}
	generate_json(draft, plan, plan->setup.step_count > 0, &json);
	fputs(json.data, stdout);
}
