// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the nvidia module's use count says that no descriptor does: persistence mode, or a client in
 * the kernel, keep a card in use without a process.
 */
#include "actions/nvidia.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scan/nodes.h"
#include "scan/nvidia.h"
#include "scan/processes.h"

struct nodes {
	struct node *nodes;
	size_t count;
};

static void nodes_done(struct nodes *nodes)
{
	nodes_free(&nodes->nodes, &nodes->count);
}

/* The card's own node of this driver, whose number only the driver tells. */
static bool knows_own_node(const struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (!nodes->nodes[i].shared && text_equal(nodes->nodes[i].subsystem, "nvidia"))
			return true;
	return false;
}

int nvidia_check(const struct host *host, const struct pci_addr *addr, struct error *err)
{
	cleanup(nodes_done) struct nodes nodes = {0};
	auto_scan struct scan scan = {0};
	long users = nvidia_users(host);
	int ret;

	if (users <= 0)
		return 0;
	ret = nodes_read(host, addr, &nodes.nodes, &nodes.count, err);
	if (ret == 0)
		ret = processes_scan(host, nodes.nodes, nodes.count, &scan, err);
	if (ret < 0 || (scan.hit_count > 0 && knows_own_node(&nodes)))
		return ret;
	if (scan.hit_count > 0)
		return error_set(err, EBUSY,
				 "processes use the nvidia driver, and which of its nodes is this "
				 "card's cannot be read from /proc/driver/nvidia");
	return error_set(err, EBUSY,
			 "the nvidia module counts %ld user%s that no process accounts for "
			 "(persistence mode?)",
			 users, users == 1 ? "" : "s");
}
