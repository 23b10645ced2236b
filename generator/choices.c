// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The multi-boot rule: of the graphics cards that may go to guests, which stays with the host.
 */
#include "generator/choices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

void choices_done(struct choices *choices)
{
	for (size_t i = 0; i < choices->count; i++)
		free(choices->items[i].reserved);
	free(choices->items);
	memset(choices, 0, sizeof(*choices));
}

static size_t count_selected(const struct choice_group *groups, size_t count, bool video)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += groups[i].selected && groups[i].video == video;
	return found;
}

static size_t count_screens(const struct choice_group *groups, size_t count, bool selected)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += groups[i].screen && groups[i].selected == selected;
	return found;
}

/* All that is selected but the kept one; a choice that reserves nothing is none. */
static void add_choice(const struct choice_group *groups, size_t count, const size_t *kept,
		       struct choices *choices)
{
	struct choice choice = {.keeps_any = kept != NULL, .kept = kept ? *kept : 0};

	for (size_t i = 0; i < count; i++) {
		if (!groups[i].selected || (kept && *kept == i))
			continue;
		array_push(choice.reserved, choice.reserved_count, i);
	}
	if (choice.reserved_count == 0)
		return;
	array_push(choices->items, choices->count, choice);
}

/* any: also a card that is no screen, as the host needs none of it. */
static void add_each_kept(const struct choice_group *groups, size_t count, bool any,
			  struct choices *choices)
{
	for (size_t i = 0; i < count; i++)
		if (groups[i].video && groups[i].selected && (any || groups[i].screen))
			add_choice(groups, count, &i, choices);
}

static const char *why_none(size_t candidates, size_t others)
{
	if (candidates == 0 && others == 0)
		return "no group is left of what the options select";
	return "every graphics card on which the host could have a screen is in one group, and "
	       "nothing else is selected: the host would keep no screen (--headless allows that)";
}

void choices_make(const struct choice_group *groups, size_t count,
		  const struct choice_wishes *wishes, struct choices *ret)
{
	size_t candidates = count_selected(groups, count, true);
	size_t others = count_selected(groups, count, false);
	/* Who has no screen at all loses none. */
	bool screen_stays =
		count_screens(groups, count, false) > 0 || count_screens(groups, count, true) == 0;
	struct choices choices = {0};

	/* What the host keeps anyway makes "all at once" safe; so does that it has none at all. */
	if (wishes->headless || candidates == 0 ||
	    (screen_stays && !(wishes->no_all && candidates >= 2)))
		add_choice(groups, count, NULL, &choices);
	if (candidates >= 2 || !screen_stays)
		add_each_kept(groups, count, screen_stays, &choices);
	if (choices.count == 0)
		choices.none = why_none(candidates, others);
	*ret = choices;
}

/* --- kernels --- */

static int not_ranks(const char *text, struct error *err)
{
	return error_set(err, EINVAL,
			 "\"%s\" names no kernels: a number is how many of the newest (0: all), "
			 "numbers with commas are ranks from the newest on (1,3)",
			 text);
}

/* False at anything but a number of at most three digits. */
static bool take_rank(const char **at, size_t *ret)
{
	size_t digits = strspn(*at, "0123456789");

	if (digits == 0 || digits > 3)
		return false;
	*ret = strtoul(*at, NULL, 10);
	*at += digits;
	return true;
}

static bool add_rank(struct kernel_ranks *ranks, size_t rank)
{
	size_t place = ranks->rank_count;

	if (rank == 0 || kernel_ranks_has(ranks, rank))
		return rank != 0;
	if (place == sizeof(ranks->ranks) / sizeof(*ranks->ranks))
		return false;
	while (place > 0 && ranks->ranks[place - 1] > rank) {
		ranks->ranks[place] = ranks->ranks[place - 1];
		place--;
	}
	ranks->ranks[place] = rank;
	ranks->rank_count++;
	return true;
}

int kernel_ranks_parse(const char *text, struct kernel_ranks *ret, struct error *err)
{
	struct kernel_ranks ranks = {0};
	const char *at = text;
	size_t rank;

	if (!strchr(text, ',')) {
		if (!take_rank(&at, &rank) || *at)
			return not_ranks(text, err);
		*ret = (struct kernel_ranks){.all = rank == 0, .newest = rank};
		return 0;
	}
	do {
		if (!take_rank(&at, &rank) || !add_rank(&ranks, rank))
			return not_ranks(text, err);
	} while (*at++ == ',');
	if (at[-1])
		return not_ranks(text, err);
	*ret = ranks;
	return 0;
}

bool kernel_ranks_has(const struct kernel_ranks *ranks, size_t rank)
{
	if (ranks->all)
		return true;
	for (size_t i = 0; i < ranks->rank_count; i++)
		if (ranks->ranks[i] == rank)
			return true;
	return rank <= ranks->newest;
}

size_t kernel_ranks_count(const struct kernel_ranks *ranks, size_t kernel_count)
{
	size_t found = 0;

	for (size_t rank = 1; rank <= kernel_count; rank++)
		found += kernel_ranks_has(ranks, rank);
	return found;
}
