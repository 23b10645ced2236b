// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a whole host concerns one IOMMU group, and what differs between a guest that has
 * everything and one that has only that: other ways that stay, and other cards that stay.
 * Tests: model/test-survey.c.
 */
#include "model/portion.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* That a use or a holder concerns a group. */
struct portion_place {
	int group;
	size_t index;
};

static int compare_places(const void *one, const void *other)
{
	const struct portion_place *a = one, *b = other;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static void sort_places(struct portion_place *places, size_t count)
{
	if (count > 1)
		qsort(places, count, sizeof(*places), compare_places);
}

static int group_of(const struct snapshot *whole, const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(whole, addr);

	return device ? device->group : DEVICE_NO_GROUP;
}

static void place_uses(struct portions *portions)
{
	const struct snapshot *whole = portions->whole;

	for (size_t i = 0; i < whole->use_count; i++)
		array_push(portions->uses, portions->use_count,
			   (struct portion_place){group_of(whole, &whole->uses[i].addr), i});
	sort_places(portions->uses, portions->use_count);
}

static void place_holders(struct portions *portions)
{
	const struct snapshot *whole = portions->whole;
	size_t count = 0;

	for (size_t i = 0; i < whole->holder_count; i++) {
		const struct holder *holder = &whole->holders[i];

		for (size_t k = 0; k < holder->hold_count; k++) {
			const struct node *node = &whole->nodes[holder->holds[k].node];

			array_push(portions->holders, portions->holder_count,
				   (struct portion_place){group_of(whole, &node->addr), i});
		}
	}
	sort_places(portions->holders, portions->holder_count);
	for (size_t i = 0; i < portions->holder_count; i++)
		if (i == 0 || compare_places(&portions->holders[i], &portions->holders[i - 1]) != 0)
			portions->holders[count++] = portions->holders[i];
	portions->holder_count = count;
}

static bool is_card(const struct node *node)
{
	return text_equal(node->subsystem, "drm") && text_starts(node->name, "dri/card");
}

/* What a Thunderbolt controller carries has its nodes a second time, as that controller's. */
static bool is_there(const struct portions *portions, const struct node *node)
{
	for (size_t i = 0; portions->whole->carried_count > 0 && i < portions->card_count; i++)
		if (strcmp(portions->whole->nodes[portions->cards[i]].name, node->name) == 0)
			return true;
	return false;
}

static void find_cards(struct portions *portions)
{
	const struct snapshot *whole = portions->whole;

	for (size_t i = 0; i < whole->node_count; i++) {
		const struct node *node = &whole->nodes[i];

		if (!is_card(node) || is_there(portions, node))
			continue;
		array_push(portions->cards, portions->card_count, i);
	}
}

void portions_init(const struct snapshot *whole, struct portions *ret)
{
	*ret = (struct portions){.whole = whole, .view = *whole};
	place_uses(ret);
	place_holders(ret);
	find_cards(ret);
	ret->view.uses = NULL;
	ret->view.holders = NULL;
}

void portions_done(struct portions *portions)
{
	free(portions->uses);
	free(portions->holders);
	free(portions->cards);
	free(portions->view.uses);
	free(portions->view.holders);
	memset(portions, 0, sizeof(*portions));
}

/* --- one group --- */

struct leaving {
	const struct snapshot *whole;
	int group;
};

static bool leaves(const void *data, const struct pci_addr *addr)
{
	const struct leaving *leaving = data;
	const struct device *device = snapshot_device(leaving->whole, addr);

	return device && device->group == leaving->group;
}

/* What several ways lead to is lost with the last of them. */
static bool has_way_left(const struct use *use, const struct leaving *leaving)
{
	for (size_t i = 0; i < use->way_count; i++)
		if (!outlet_ends(&use->ways[i], leaves, leaving))
			return true;
	return false;
}

/* The first of the group, or count. */
static size_t find_group(const struct portion_place *places, size_t count, int group)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places[middle].group < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void view_uses(struct portions *portions, int group)
{
	const struct leaving leaving = {portions->whole, group};
	struct snapshot *view = &portions->view;

	view->use_count = 0;
	for (size_t i = find_group(portions->uses, portions->use_count, group);
	     i < portions->use_count && portions->uses[i].group == group; i++) {
		struct use use = portions->whole->uses[portions->uses[i].index];

		if (has_way_left(&use, &leaving))
			continue;
		array_push(view->uses, view->use_count, use);
	}
}

static void view_holders(struct portions *portions, int group)
{
	struct snapshot *view = &portions->view;

	view->holder_count = 0;
	for (size_t i = find_group(portions->holders, portions->holder_count, group);
	     i < portions->holder_count && portions->holders[i].group == group; i++) {
		array_push(view->holders, view->holder_count,
			   portions->whole->holders[portions->holders[i].index]);
	}
}

const struct snapshot *portions_view(struct portions *portions, int group)
{
	struct snapshot *view = &portions->view;

	view_uses(portions, group);
	view_holders(portions, group);
	view->other_card = portions->whole->other_card;
	for (size_t i = 0; i < portions->card_count && !view->other_card; i++)
		view->other_card =
			group_of(portions->whole,
				 &portions->whole->nodes[portions->cards[i]].addr) != group;
	return view;
}

bool portions_fit(const struct portions *portions, int group)
{
	const struct snapshot *whole = portions->whole;

	for (size_t i = 0; i < whole->carried_count; i++)
		if (group_of(whole, &whole->carried[i].carrier) == group)
			return false;
	return true;
}
