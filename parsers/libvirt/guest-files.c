// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices libvirt's files tie to guests: what those have that run, and what all of them name.
 * Tests: ctl/list.bats, ctl/check.bats.
 */
#include "parsers/libvirt/guest-files.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/guest.h"
#include "parsers/domain/domain-files.h"

void guest_ties_done(struct guest_ties *ties)
{
	for (size_t i = 0; i < ties->count; i++)
		free(ties->ties[i].guest);
	free(ties->ties);
	memset(ties, 0, sizeof(*ties));
}

/* --- the list --- */

void guest_ties_add(struct guest_ties *ties, const struct pci_addr *addr, const char *guest,
		    bool has)
{
	struct guest_tie tie = {.addr = *addr, .guest = text_escape(guest), .has = has};

	array_push(ties->ties, ties->count, tie);
}

static int compare(const void *one, const void *other)
{
	const struct guest_tie *a = one, *b = other;
	int order = pci_addr_compare(&a->addr, &b->addr);

	if (order == 0)
		order = b->has - a->has;
	return order ? order : strcmp(a->guest, b->guest);
}

void guest_ties_sort(struct guest_ties *ties)
{
	size_t count = 0;

	if (ties->count == 0)
		return;
	qsort(ties->ties, ties->count, sizeof(*ties->ties), compare);
	for (size_t i = 0; i < ties->count; i++) {
		if (i > 0 && compare(&ties->ties[i], &ties->ties[count - 1]) == 0)
			free(ties->ties[i].guest);
		else
			ties->ties[count++] = ties->ties[i];
	}
	ties->count = count;
}

const struct guest_tie *guest_ties_find(const struct guest_ties *ties, const struct pci_addr *addr,
					size_t *ret_count)
{
	size_t low = 0, high = ties->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pci_addr_compare(&ties->ties[middle].addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < ties->count && pci_addr_equal(&ties->ties[end].addr, addr); end++)
		;
	*ret_count = end - low;
	return end > low ? &ties->ties[low] : NULL;
}

/* --- the files --- */

/* Most guests have no host device, and need not be parsed to see that. */
static bool may_name_devices(const char *xml)
{
	return strstr(xml, "hostdev") || strstr(xml, "nvme");
}

static void take(void *data, struct domain_file *file)
{
	const struct guest *guest = &file->guest;

	for (size_t i = 0; i < guest->hostdev_count; i++)
		guest_ties_add(data, &guest->hostdevs[i].addr, guest->name, file->runs);
}

void guest_files_read(const struct host *host, struct guest_ties *ret, struct text *gaps)
{
	const struct domain_files_calls calls = {
		.wants = may_name_devices, .take = take, .data = ret};
	static const enum host_dir dirs[] = {HOST_RUN, HOST_ETC};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		struct error err = ERROR_INIT;

		if (domain_files_read(host, dirs[i], &calls, gaps, &err) < 0)
			domain_files_add_gap(gaps, err.text);
	}
	guest_ties_sort(ret);
}
