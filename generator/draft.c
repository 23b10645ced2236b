// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list that the generator fills.
 */
#include "generator/draft.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void remarks_done(struct draft_remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		free(remarks->items[i]);
	free(remarks->items);
}

void draft_done(struct draft *draft)
{
	for (size_t i = 0; i < draft->step_count; i++) {
		free(draft->steps[i].target);
		text_done(&draft->steps[i].bytes);
		free(draft->steps[i].why);
	}
	free(draft->steps);
	remarks_done(&draft->refusals);
	remarks_done(&draft->notes);
	remarks_done(&draft->advice);
	remarks_done(&draft->by_hand);
	setup_done(&draft->promise);
	text_done(&draft->printed);
	memset(draft, 0, sizeof(*draft));
}

static struct draft_step *add_step(struct draft *draft, enum step_kind kind, enum draft_part part,
				   const char *target, const char *why)
{
	struct draft_step *step;

	draft->steps = array_grow(draft->steps, draft->step_count, sizeof(*draft->steps));
	step = &draft->steps[draft->step_count++];
	*step = (struct draft_step){
		.kind = kind, .part = part, .target = xstrdup(target), .why = xstrdup(why)};
	return step;
}

void draft_add_file(struct draft *draft, enum draft_part part, const char *path, unsigned int mode,
		    const char *text, const char *why)
{
	struct draft_step *step = add_step(draft, STEP_FILE, part, path, why);

	step->type = DRAFT_REGULAR;
	step->mode = mode;
	text_append(&step->bytes, text, strlen(text));
}

void draft_add_directory(struct draft *draft, enum draft_part part, const char *path,
			 const char *why)
{
	struct draft_step *step = add_step(draft, STEP_FILE, part, path, why);

	step->type = DRAFT_DIRECTORY;
	step->mode = 0755;
}

void draft_add_build(struct draft *draft, enum draft_part part, const char *target,
		     const char *after, const char *why)
{
	add_step(draft, STEP_BUILD, part, target, why)->after = after;
}

void draft_add_check(struct draft *draft, enum draft_part part, const char *target, const char *why)
{
	add_step(draft, STEP_CHECK, part, target, why);
}

enum draft_part draft_part_of(const char *path)
{
	static const char *const menu[] = {
		"/etc/default/grub", "/etc/grub.d/", "/etc/hostdev-hook/boot-choices",
		"/etc/kernel/",      "/boot/",       "/efi/"};

	for (size_t i = 0; i < sizeof(menu) / sizeof(*menu); i++)
		if (text_starts(path, menu[i]))
			return DRAFT_MENU;
	return DRAFT_IMAGE;
}

static void add_remark(struct draft_remarks *remarks, char *remark)
{
	for (size_t i = 0; i < remarks->count; i++) {
		if (strcmp(remarks->items[i], remark) == 0) {
			free(remark);
			return;
		}
	}
	array_push(remarks->items, remarks->count, remark);
}

#define add_formatted(remarks, format)                                                             \
	do {                                                                                       \
		va_list args_;                                                                     \
		va_start(args_, format);                                                           \
		add_remark(remarks, xvasprintf(format, args_));                                    \
		va_end(args_);                                                                     \
	} while (0)

void draft_refuse(struct draft *draft, const char *format, ...)
{
	add_formatted(&draft->refusals, format);
}

void draft_note(struct draft *draft, const char *format, ...)
{
	add_formatted(&draft->notes, format);
}

void draft_advise(struct draft *draft, const char *format, ...)
{
	add_formatted(&draft->advice, format);
}

void draft_tell_by_hand(struct draft *draft, const char *format, ...)
{
	add_formatted(&draft->by_hand, format);
}
