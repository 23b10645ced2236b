// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which whole disks would go with a PCI function: those below it, and for a volume management
 * device (Intel VMD) those of the PCI domain of its own, which ends with it; with Fibre Channel
 * also what it reaches by NVMe.
 */
#include "parsers/disks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/blocks.h"
#include "parsers/fc.h"
#include "scan/nodes.h"

void disks_done(struct disks *disks)
{
	for (size_t i = 0; i < disks->count; i++) {
		struct disk *disk = &disks->disks[i];

		for (size_t k = 0; k < disk->use_count; k++) {
			free(disk->uses[k].part);
			free(disk->uses[k].how);
		}
		free(disk->uses);
		free(disk->node);
		free(disk->name);
	}
	free(disks->disks);
	memset(disks, 0, sizeof(*disks));
}

static bool is_removable(const struct host *host, const char *name)
{
	char text[8];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, "class/block/%s/removable",
			 name) == 0 &&
	       strcmp(text, "1") == 0;
}

void disks_add(const struct host *host, struct disks *disks, const struct pci_addr *addr,
	       const char *node, dev_t device)
{
	auto_free char *name = xstrdup(node);
	bool removable;

	for (char *slash = name; (slash = strchr(slash, '/'));)
		*slash = '!';
	for (size_t i = 0; i < disks->count; i++)
		if (pci_addr_equal(&disks->disks[i].addr, addr) &&
		    strcmp(disks->disks[i].name, name) == 0)
			return;
	removable = is_removable(host, name);
	disks->disks = array_grow(disks->disks, disks->count, sizeof(*disks->disks));
	disks->disks[disks->count++] = (struct disk){
		.addr = *addr,
		.node = xstrdup(node),
		.removable = removable,
		.name = steal(&name),
		.device = device,
	};
}

static void add(const struct host *host, const struct node *node, const struct pci_addr *addr,
		struct disks *disks)
{
	auto_free char *name = xstrdup(node->name);

	for (char *slash = name; (slash = strchr(slash, '/'));)
		*slash = '!';
	if (node->is_block && !block_is_partition(host, name))
		disks_add(host, disks, addr, node->name, makedev(node->major, node->minor));
}

/* The disks below one function, which go with the device addr. */
static int add_function(const struct host *host, const struct pci_addr *function,
			const struct pci_addr *addr, struct disks *disks, struct error *err)
{
	struct node *nodes = NULL;
	size_t count = 0;
	int ret = nodes_read(host, function, &nodes, &count, err);

	for (size_t i = 0; ret == 0 && i < count; i++)
		add(host, &nodes[i], addr, disks);
	nodes_free(&nodes, &count);
	return ret;
}

/* The link "domain" of a VMD leads to the root bus that it makes: "pci10000:e0". */
static int add_domain(const struct host *host, const struct pci_addr *addr, struct disks *disks,
		      struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	char bus[64], root[PCI_ADDR_TEXT_SIZE + 16];
	struct pci_addr first, function;
	int ret = 0;

	if (host_read_link_name(host, HOST_SYS, bus, sizeof(bus), NULL, "bus/pci/devices/%s/domain",
				ADDR(addr)) < 0)
		return 0;
	snprintf(root, sizeof(root), "%.16s:00.0", text_starts(bus, "pci") ? bus + 3 : "");
	if (!pci_addr_parse(root, &first))
		return error_set(err, EBADMSG, "%s: a domain that cannot be: %s", ADDR(addr), bus);
	ret = host_list(host, HOST_SYS, &names, NULL, err, "bus/pci/devices");
	for (size_t i = 0; ret == 0 && names[i]; i++)
		if (pci_addr_parse(names[i], &function) && function.domain == first.domain)
			ret = add_function(host, &function, addr, disks, err);
	return ret;
}

static int compare(const void *a, const void *b)
{
	const struct disk *one = a, *other = b;
	int order = pci_addr_compare(&one->addr, &other->addr);

	return order ? order : strverscmp(one->name, other->name);
}

int disks_read(const struct host *host, const struct snapshot *snapshot, struct disks *ret,
	       struct error *err)
{
	cleanup(disks_done) struct disks disks = {0};
	int result = 0;

	for (size_t i = 0; i < snapshot->node_count; i++)
		add(host, &snapshot->nodes[i], &snapshot->nodes[i].addr, &disks);
	for (size_t i = 0; result == 0 && i < snapshot->device_count; i++) {
		const struct pci_addr *addr = &snapshot->devices[i].addr;

		if (snapshot->node_count == 0)
			result = add_function(host, addr, addr, &disks, err);
		if (result == 0)
			result = add_domain(host, addr, &disks, err);
	}
	if (result == 0)
		result = fc_disks_add(host, snapshot, &disks, err);
	if (result < 0)
		return result;
	/* A walk of sysfs has no order. */
	if (disks.count > 1)
		qsort(disks.disks, disks.count, sizeof(*disks.disks), compare);
	*ret = disks;
	memset(&disks, 0, sizeof(disks));
	return 0;
}
