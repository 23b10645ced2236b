// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the nvidia module's use count says that no descriptor does: persistence mode, or a client in
 * the kernel, keep a card in use without a process. Tests: unit/test-gates.c.
 */
#include "actions/nvidia.h"

#include <errno.h>

#include "actions/device-users.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/addr.h"
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
static bool knows_own_node(const struct nodes *nodes, const struct pci_addr *addr)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (!nodes->nodes[i].shared && text_equal(nodes->nodes[i].subsystem, "nvidia") &&
		    pci_addr_equal(&nodes->nodes[i].addr, addr))
			return true;
	return false;
}

static int check_own_nodes(const struct nodes *nodes, const struct pci_addr *addrs, size_t count,
			   struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!knows_own_node(nodes, &addrs[i]))
			return error_set(err, EBUSY,
					 "%s: processes use the nvidia driver, and which of its "
					 "nodes is this card's cannot be read from "
					 "/proc/driver/nvidia",
					 ADDR(&addrs[i]));
	return 0;
}

/* Who has opened a card's own node since the caller has looked. */
static int check_newcomers(const struct host *host, const struct nodes *nodes,
			   const struct scan *scan, struct error *err)
{
	for (size_t i = 0; i < scan->hit_count; i++) {
		const struct node *node = &nodes->nodes[scan->hits[i].node];
		auto_text struct text who = TEXT_INIT;

		if (node->shared)
			continue;
		device_users_name_process(host, (int)scan->hits[i].pid, &who);
		return error_set(err, EBUSY, "%s: somebody holds it again: %s holds /dev/%s",
				 ADDR(&node->addr), who.data, node->name);
	}
	return 0;
}

/* The module counts for all cards together. */
static int tell_unaccounted(const struct pci_addr *addrs, size_t count, long users,
			    struct error *err)
{
	auto_text struct text list = TEXT_INIT;

	for (size_t i = 0; count > 1 && i < count; i++)
		text_printf(&list, "%s%s", i > 0 ? ", " : " in one of ", ADDR(&addrs[i]));
	return error_set(err, EBUSY,
			 "%s%sthe nvidia module counts %ld user%s that no process accounts for "
			 "(persistence mode%s?)",
			 count > 1 ? "" : ADDR(&addrs[0]), count > 1 ? "" : ": ", users,
			 users == 1 ? "" : "s", list.length > 0 ? list.data : "");
}

int nvidia_check(const struct host *host, const struct pci_addr *addrs, size_t count,
		 struct error *err)
{
	cleanup(nodes_done) struct nodes nodes = {0};
	auto_scan struct scan scan = {0};
	long users = count > 0 ? nvidia_users(host) : 0;
	int ret = 0;

	if (users <= 0)
		return 0;
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = nodes_read(host, &addrs[i], &nodes.nodes, &nodes.count, err);
	if (ret == 0)
		ret = processes_scan(host, nodes.nodes, nodes.count, &scan, err);
	if (ret == 0)
		ret = check_newcomers(host, &nodes, &scan, err);
	if (ret < 0)
		return ret;
	if (scan.hit_count > 0)
		return check_own_nodes(&nodes, addrs, count, err);
	return tell_unaccounted(addrs, count, users, err);
}
