// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device node's few facts, and how udev spells it. Tests: unit/test-verdict.c.
 */
#include "model/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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

bool node_is_vfio(const struct node *node)
{
	return node->subsystem &&
	       (strcmp(node->subsystem, "vfio") == 0 || strcmp(node->subsystem, "vfio-dev") == 0);
}

bool node_is_storage(const struct node *node)
{
	/* NVMe's, SCSI's and their like take commands that write to the disk. */
	static const char *const subsystems[] = {"block",        "nvme",     "nvme-generic",
						 "scsi_generic", "bsg",      "scsi_tape",
						 "scsi_changer", "mmc_rpmb", "mtd"};

	if (node->is_block)
		return true;
	return node->subsystem && text_find(subsystems, sizeof(subsystems) / sizeof(*subsystems),
					    node->subsystem, strlen(node->subsystem)) >= 0;
}

bool node_is_render(const struct node *node)
{
	if (!node->subsystem || !node->name)
		return false;
	if (strcmp(node->subsystem, "drm") == 0)
		return strncmp(node->name, "dri/renderD", strlen("dri/renderD")) == 0;
	/* NVIDIA's own node of a card serves what a render node does, and accelerators likewise. */
	return strcmp(node->subsystem, "nvidia") == 0 || strcmp(node->subsystem, "accel") == 0;
}

bool node_is_sound(const struct node *node)
{
	return node->subsystem && strcmp(node->subsystem, "sound") == 0;
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
