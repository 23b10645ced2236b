// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device node's few facts, and how udev spells it.
 */
#include "model/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void node_done(struct node *node)
{
	free(node->subsystem);
	free(node->name);
	memset(node, 0, sizeof(*node));
}

bool node_is_clock(const struct node *node)
{
	return node->subsystem && strcmp(node->subsystem, "ptp") == 0;
}

bool node_is_watchdog(const struct node *node)
{
	/* "watchdog0", and the name of old, "watchdog", which is of the miscellaneous devices. */
	if (!node->subsystem)
		return false;
	return strcmp(node->subsystem, "watchdog") == 0 ||
	       (strcmp(node->subsystem, "misc") == 0 &&
		strncmp(node->name, "watchdog", strlen("watchdog")) == 0);
}

struct node_id node_id(const struct node *node)
{
	struct node_id id;

	snprintf(id.text, sizeof(id.text), "%c%u:%u", node->is_block ? 'b' : 'c', node->major,
		 node->minor);
	return id;
}
