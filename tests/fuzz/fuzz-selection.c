// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever is typed behind --kernels, --devices, --iommu-groups, --drivers and --hardware-ids, it
 * is taken for what it says, or refused in one line. The first byte says which of them it is.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "generator/choices.h"
#include "generator/selection.h"

static void check_error(int ret, const struct error *err)
{
	check(ret == -EINVAL && err->code == EINVAL && *err->text);
	check(!strpbrk(err->text, "\n\r\x1b"));
}

static void check_kernels(const char *text)
{
	struct error err = ERROR_INIT;
	struct kernel_ranks ranks;
	int ret = kernel_ranks_parse(text, &ranks, &err);
	size_t count = 0;

	if (ret < 0) {
		check(ret == -EINVAL && err.code == EINVAL);
		return;
	}
	/* It goes into a list of which a script takes nothing else. */
	check(*text && strspn(text, "0123456789,") == strlen(text));
	for (size_t i = 0; i < ranks.rank_count; i++)
		check(ranks.ranks[i] > 0 && (i == 0 || ranks.ranks[i] > ranks.ranks[i - 1]));
	for (size_t rank = 1; rank <= 1000; rank++)
		count += kernel_ranks_has(&ranks, rank);
	check(count == kernel_ranks_count(&ranks, 1000));
}

static void check_list(const struct selection_list *list)
{
	for (size_t i = 0; i < list->range_count; i++)
		check(list->ranges[i].first >= 0 && list->ranges[i].first <= list->ranges[i].last &&
		      list->ranges[i].last <= 999999);
	for (size_t i = 0; i < list->driver_count; i++)
		check(module_name_valid(list->drivers[i]));
	for (size_t i = 0; i < list->id_count; i++)
		check(list->ids[i].vendor <= 0xffff && list->ids[i].device <= 0xffff);
	for (size_t i = 0; i < list->addr_count; i++)
		check(list->addrs[i].slot < 32 && list->addrs[i].function < 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const adders[])(struct selection_list *, const char *,
				     struct error *) = {selection_add_devices, selection_add_groups,
							selection_add_drivers, selection_add_ids};
	struct selection_wishes wishes = {0};
	struct error err = ERROR_INIT;
	auto_free char *text = NULL;
	int ret;

	if (size < 1)
		return 0;
	text = xasprintf("%.*s", (int)size - 1, (const char *)data + 1);
	if (*data < '0' || *data > '3') {
		check_kernels(text);
		return 0;
	}
	ret = adders[*data - '0'](&wishes.include, text, &err);
	if (ret < 0)
		check_error(ret, &err);
	check(ret < 0 || selection_wishes_any(&wishes));
	check_list(&wishes.include);
	selection_wishes_done(&wishes);
	return 0;
}
