// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl list --dot and --svg: what the list tells of each group, as a picture of the whole
 * host. Tests: ctl/list.bats.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/list/list.h"
#include "hostdevctl/output/picture.h"
#include "parsers/pci/behind.h"
#include "parsers/pci/names.h"

/* What a group of the picture points at. */
struct drawn {
	struct list_verdict verdict;
	const char **has, **names; /* heap, NULL-terminated; the names are the ties' */
};

struct drawing {
	struct drawn *drawn;
	struct picture_group *groups;
	size_t count;
};

static void drawing_done(struct drawing *drawing)
{
	for (size_t i = 0; i < drawing->count; i++) {
		list_verdict_done(&drawing->drawn[i].verdict);
		free(drawing->drawn[i].has);
		free(drawing->drawn[i].names);
	}
	free(drawing->drawn);
	free(drawing->groups);
}

static void add_name(const char ***names, const char *name)
{
	size_t count = 0;

	while (*names && (*names)[count]) {
		if (text_equal((*names)[count], name))
			return;
		count++;
	}
	*names = xreallocarray(*names, count + 2, sizeof(**names));
	(*names)[count] = name;
	(*names)[count + 1] = NULL;
}

static bool has_name(const char *const *names, const char *name)
{
	for (size_t i = 0; names && names[i]; i++)
		if (text_equal(names[i], name))
			return true;
	return false;
}

/* Who has a device of the group has the group; who only names another of it need not be told. */
static void add_guests(const struct list_host *host, const struct group *group, struct drawn *drawn)
{
	for (size_t i = 0; i < group->member_count; i++) {
		size_t count = 0;
		const struct guest_tie *ties =
			guest_ties_find(&host->ties, &group->members[i], &count);

		for (size_t j = 0; j < count; j++)
			if (ties[j].has)
				add_name(&drawn->has, ties[j].guest);
	}
	for (size_t i = 0; i < group->member_count; i++) {
		size_t count = 0;
		const struct guest_tie *ties =
			guest_ties_find(&host->ties, &group->members[i], &count);

		for (size_t j = 0; j < count; j++)
			if (!has_name(drawn->has, ties[j].guest))
				add_name(&drawn->names, ties[j].guest);
	}
}

static enum picture_verdict picture_verdict(const struct drawn *drawn)
{
	if (drawn->has)
		return PICTURE_LENT;
	switch (drawn->verdict.state) {
	case LIST_FREE:
		return PICTURE_FREE;
	case LIST_IN_USE:
	case LIST_REFUSED:
		return PICTURE_IN_USE;
	case LIST_NEVER:
		return PICTURE_NEVER;
	default:
		return PICTURE_UNKNOWN;
	}
}

static void make_drawing(struct list_host *host, struct drawing *drawing)
{
	const struct snapshot *snapshot = &host->situation.snapshot;

	drawing->drawn = xcalloc(snapshot->group_count + 1, sizeof(*drawing->drawn));
	drawing->groups = xcalloc(snapshot->group_count + 1, sizeof(*drawing->groups));
	for (size_t i = 0; i < snapshot->group_count; i++) {
		struct drawn *drawn = &drawing->drawn[drawing->count];

		drawn->verdict = list_verdict_of(host, &snapshot->groups[i]);
		add_guests(host, &snapshot->groups[i], drawn);
		drawing->groups[drawing->count++] = (struct picture_group){
			.number = snapshot->groups[i].number,
			.verdict = picture_verdict(drawn),
			.text = drawn->verdict.text,
			.has = drawn->has,
			.names = drawn->names,
		};
	}
}

/* Whether a group can be lent does not depend on it, so the survey leaves it out. */
static void find_parents(struct list_host *host)
{
	struct snapshot *snapshot = &host->situation.snapshot;

	for (size_t i = 0; i < snapshot->device_count; i++)
		behind_read(&host->host, &snapshot->devices[i]);
}

int list_picture(struct list_host *host, bool as_svg, struct error *err)
{
	cleanup(drawing_done) struct drawing drawing = {0};
	auto_text struct text dot = TEXT_INIT, svg = TEXT_INIT;
	int ret = 0;

	names_fill(&host->situation.snapshot);
	make_drawing(host, &drawing);
	find_parents(host);
	picture_dot(&host->situation.snapshot, drawing.groups, drawing.count, &dot);
	if (as_svg)
		ret = picture_svg(&dot, &svg, err);
	if (ret == 0)
		fputs(as_svg ? svg.data : dot.data, stdout);
	return ret;
}
