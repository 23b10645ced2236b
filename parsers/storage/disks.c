// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which whole disks would go with a PCI function: those that have a node below it, and with Fibre
 * Channel also what it reaches by NVMe. Tests: unit/test-storage.c, unit/test-disk-claims.c.
 */
#include "parsers/storage/disks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/fc.h"
#include "scan/carried.h"
#include "scan/nodes.h"

static void add(const struct host *host, const struct node *node, const struct pci_addr *addr,
		struct disks *disks)
{
	auto_free char *name = xstrdup(node->name);

	for (char *slash = name; (slash = strchr(slash, '/'));)
		*slash = '!';
	if (node->is_block && !block_is_partition(host, name))
		disks_add(host, disks, addr, node->name, makedev(node->major, node->minor));
}

/* Where nobody has looked for the nodes yet. */
static int add_all(const struct host *host, const struct snapshot *snapshot, struct disks *disks,
		   struct error *err)
{
	struct node *nodes = NULL;
	size_t count = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < snapshot->device_count; i++)
		if (!snapshot->devices[i].is_bare)
			ret = nodes_read(host, &snapshot->devices[i].addr, &nodes, &count, err);
	if (ret == 0)
		ret = carried_nodes(host, snapshot->carried, snapshot->carried_count, &nodes,
				    &count, err);
	for (size_t i = 0; ret == 0 && i < count; i++)
		add(host, &nodes[i], &nodes[i].addr, disks);
	nodes_free(&nodes, &count);
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
	if (snapshot->node_count == 0)
		result = add_all(host, snapshot, &disks, err);
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
