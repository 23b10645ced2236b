// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which nodes vanish with a Thunderbolt controller's tunnels, and which of them matter: whoever has
 * a plugged-in keyboard open notices what a pulled plug does, who has a disk open loses data.
 * Tests: unit/test-carried.c, model/test-survey.c.
 */
#include "scan/carried.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scan/link.h"
#include "scan/nodes.h"

/* Where its class device is; NVIDIA's nodes and such have none. */
static bool read_node_path(const struct host *host, const struct node *node,
			   char path[LINK_PATH_SIZE])
{
	char link[64];

	snprintf(link, sizeof(link), "dev/%s/%u:%u", node->is_block ? "block" : "char", node->major,
		 node->minor);
	return link_path(host, link, path);
}

/* Behind a root hub, "usb2"? */
static bool is_on_usb(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/usb")); at++)
		if (at[4] >= '0' && at[4] <= '9')
			return true;
	return false;
}

static bool is_wanted(const struct host *host, const struct carried *carried,
		      const struct node *node)
{
	char path[LINK_PATH_SIZE];

	if (!read_node_path(host, node, path))
		return carried->kind != CARRIED_USB;
	if (carried->kind == CARRIED_USB && !carried_has(carried, path))
		return false;
	return node->is_block || !is_on_usb(path);
}

static int add_nodes(const struct host *host, const struct carried *carried, struct node **nodes,
		     size_t *count, struct error *err)
{
	struct node *found = NULL;
	size_t found_count = 0;
	int ret = nodes_read(host, &carried->addr, &found, &found_count, err);

	for (size_t i = 0; i < found_count; i++) {
		if (!is_wanted(host, carried, &found[i])) {
			node_done(&found[i]);
			continue;
		}
		found[i].addr = carried->carrier;
		*nodes = array_grow(*nodes, *count, sizeof(**nodes));
		(*nodes)[(*count)++] = found[i];
	}
	free(found);
	return ret;
}

int carried_nodes(const struct host *host, const struct carried *list, size_t list_count,
		  struct node **nodes, size_t *count, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < list_count; i++)
		ret = add_nodes(host, &list[i], nodes, count, err);
	return ret;
}

int carried_nodes_read(const struct host *host, const struct pci_addr *carrier, struct node **nodes,
		       size_t *count, struct error *err)
{
	struct carried *list = NULL;
	size_t list_count = 0;
	int ret = carried_read(host, carrier, &list, &list_count, err);

	if (ret == 0)
		ret = carried_nodes(host, list, list_count, nodes, count, err);
	carried_free(&list, &list_count);
	return ret;
}
