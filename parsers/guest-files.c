// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where libvirt keeps the guests that it knows and those that run, as files that can be read while
 * libvirt is down, and which devices these files tie to guests.
 */
#include "parsers/guest-files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/guest.h"
#include "parsers/domain.h"

#define FOLDER "libvirt/qemu"

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

	ties->ties = array_grow(ties->ties, ties->count, sizeof(tie));
	ties->ties[ties->count++] = tie;
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

/* Where a kind of files lies, and how it is read. */
struct source {
	enum host_dir dir;
	const char *shown;
	int (*parse)(const char *xml, size_t length, struct guest *ret, struct error *err);
	bool has; /* what the guest has, not only names */
};

/* Most guests have no host device, and need not be parsed to see that. */
static bool may_name_devices(const char *xml)
{
	return strstr(xml, "hostdev") || strstr(xml, "nvme");
}

static int read_file(const struct host *host, const struct source *source, const char *name,
		     struct guest_ties *ties, struct error *err)
{
	auto_guest struct guest guest = {0};
	auto_free char *xml = NULL;
	size_t length = 0;
	int ret = host_read_file(host, source->dir, DOMAIN_XML_MAX, &xml, &length, err,
				 FOLDER "/%s", name);

	/* Its guest has ended since. */
	if (ret == -ENOENT || (ret == 0 && !may_name_devices(xml)))
		return 0;
	if (ret == 0)
		ret = source->parse(xml, length, &guest, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < guest.hostdev_count; i++)
		guest_ties_add(ties, &guest.hostdevs[i].addr, guest.name, source->has);
	return 0;
}

static void add_gap(struct text *gaps, const struct error *err)
{
	text_printf(gaps, "%s%s", gaps->length > 0 ? "\n" : "", err->text);
}

static void read_folder(const struct host *host, const struct source *source,
			struct guest_ties *ties, struct text *gaps)
{
	cleanup(host_free_names) char **names = NULL;
	struct error err = ERROR_INIT;
	int ret = host_list(host, source->dir, &names, NULL, &err, FOLDER);

	if (ret < 0 && ret != -ENOENT)
		add_gap(gaps, &err);
	for (size_t i = 0; ret == 0 && names[i]; i++) {
		if (!text_ends(names[i], ".xml") ||
		    read_file(host, source, names[i], ties, &err) == 0)
			continue;
		error_wrap(&err, "%s/%s", source->shown, names[i]);
		add_gap(gaps, &err);
	}
}

void guest_files_read(const struct host *host, struct guest_ties *ret, struct text *gaps)
{
	const struct source run = {HOST_RUN, "/run/" FOLDER, domain_parse_status, true};
	const struct source settings = {HOST_ETC, "/etc/" FOLDER, domain_parse, false};

	read_folder(host, &run, ret, gaps);
	read_folder(host, &settings, ret, gaps);
	guest_ties_sort(ret);
}
