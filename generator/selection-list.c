// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lists of the command line that name devices: "1,14-16,all", "10de:2204,8086:1533".
 */
#include "generator/selection-list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/cell.h"

static void list_done(struct selection_list *list)
{
	for (size_t i = 0; i < list->driver_count; i++)
		free(list->drivers[i]);
	free(list->addrs);
	free(list->ranges);
	free(list->drivers);
	free(list->ids);
	memset(list, 0, sizeof(*list));
}

void selection_wishes_done(struct selection_wishes *wishes)
{
	list_done(&wishes->include);
	list_done(&wishes->exclude);
}

bool selection_wishes_any(const struct selection_wishes *wishes)
{
	const struct selection_list *list = &wishes->include;

	return list->all || list->no_vga || list->addr_count || list->range_count ||
	       list->driver_count || list->id_count;
}

/* Calls add for each word between commas; an empty one is a mistake. */
static int for_each_word(struct selection_list *list, const char *text,
			 bool (*add)(struct selection_list *list, const char *word),
			 const char *what, struct error *err)
{
	auto_free char *copy = xstrdup(text);
	char *at = copy, *word;

	while ((word = strsep(&at, ","))) {
		auto_free char *shown = text_escape(word);

		if (!add(list, word))
			return error_set(err, EINVAL, "\"%.60s\" is no %s", shown, what);
	}
	return 0;
}

static bool add_device(struct selection_list *list, const char *word)
{
	struct pci_addr addr;

	if (!pci_addr_parse_given(word, &addr))
		return false;
	array_push(list->addrs, list->addr_count, addr);
	return true;
}

/* "14" or "14-16"; group numbers have at most six digits here. */
static bool parse_range(const char *word, struct group_range *ret)
{
	int end = 0, count = sscanf(word, "%6d%n-%6d%n", &ret->first, &end, &ret->last, &end);

	if (strspn(word, "0123456789-") != strlen(word) || word[end] || *word == '-')
		return false;
	if (count == 1)
		ret->last = ret->first;
	return count >= 1 && ret->first <= ret->last && ret->last >= 0;
}

static bool add_group(struct selection_list *list, const char *word)
{
	struct group_range range;

	if (strcmp(word, "all") == 0) {
		list->all = true;
		return true;
	}
	/* deploy-VFIO's "no-vga" is everything but graphics. */
	if (strcmp(word, "no-vga") == 0) {
		list->all = list->no_vga = true;
		return true;
	}
	if (!parse_range(word, &range))
		return false;
	array_push(list->ranges, list->range_count, range);
	return true;
}

static bool add_driver(struct selection_list *list, const char *word)
{
	if (!module_name_valid(word))
		return false;
	array_push(list->drivers, list->driver_count, xstrdup(word));
	return true;
}

static bool add_id(struct selection_list *list, const char *word)
{
	struct hardware_id id;

	if (strlen(word) != 9 || word[4] != ':' || strspn(word, "0123456789abcdefABCDEF") != 4 ||
	    strspn(word + 5, "0123456789abcdefABCDEF") != 4 ||
	    sscanf(word, "%4x:%4x", &id.vendor, &id.device) != 2)
		return false;
	array_push(list->ids, list->id_count, id);
	return true;
}

int selection_add_devices(struct selection_list *list, const char *text, struct error *err)
{
	return for_each_word(list, text, add_device, "PCI address (0000:01:00.0 or 01:00.0)", err);
}

int selection_add_groups(struct selection_list *list, const char *text, struct error *err)
{
	return for_each_word(list, text, add_group,
			     "IOMMU group (a number, a range such as 14-16, all, or no-vga)", err);
}

int selection_add_drivers(struct selection_list *list, const char *text, struct error *err)
{
	return for_each_word(list, text, add_driver, "driver's name", err);
}

int selection_add_ids(struct selection_list *list, const char *text, struct error *err)
{
	return for_each_word(list, text, add_id, "hardware id (10de:2204)", err);
}
