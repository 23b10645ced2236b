// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which processes have a disk open that nothing in the kernel has claimed.
 * Tests: unit/test-remote-disks.c, model/test-survey.c.
 */
#include "parsers/storage/disk-holders.h"

#include <stdlib.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/disk-uses.h"
#include "scan/processes.h"

/* The nodes of disks without a use, each with the disk that it belongs to. */
struct asked {
	struct node *nodes; /* heap */
	size_t *disks;      /* heap */
	size_t count;
};

static void asked_done(struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		node_done(&asked->nodes[i]);
	free(asked->nodes);
	free(asked->disks);
}

static void ask(struct asked *asked, size_t disk, const char *name, dev_t device)
{
	struct node node = {.is_block = true,
			    .major = major(device),
			    .minor = minor(device),
			    .subsystem = xstrdup("block"),
			    .name = block_node(name)};

	asked->nodes = array_grow(asked->nodes, asked->count, sizeof(*asked->nodes));
	asked->disks = array_grow(asked->disks, asked->count, sizeof(*asked->disks));
	asked->nodes[asked->count] = node;
	asked->disks[asked->count++] = disk;
}

static void ask_disk(const struct host *host, const struct disks *disks, size_t index,
		     struct asked *asked)
{
	const struct disk *disk = &disks->disks[index];
	cleanup(host_free_names) char **parts = NULL;
	dev_t device;

	ask(asked, index, disk->name, disk->device);
	if (block_partitions(host, disk->name, &parts, NULL) < 0)
		return;
	for (size_t i = 0; parts[i]; i++)
		if (block_number(host, parts[i], &device, NULL) == 0)
			ask(asked, index, parts[i], device);
}

static void add_hit(const struct host *host, const struct asked *asked, const struct scan_hit *hit,
		    struct disks *disks)
{
	struct disk *disk = &disks->disks[asked->disks[hit->node]];
	auto_free char *shown = NULL;
	char command[64] = "?";

	/* One is reason enough. */
	if (disk->used)
		return;
	host_read(host, HOST_PROC, command, sizeof(command), NULL, "%d/comm", (int)hit->pid);
	shown = text_escape(command);
	disk_add_use(disk, USE_CLAIMED, xstrdup(asked->nodes[hit->node].name),
		     xasprintf("open in process %d (%s)", (int)hit->pid, shown));
}

void disk_holders_read(const struct host *host, struct disks *disks)
{
	cleanup(asked_done) struct asked asked = {0};
	auto_scan struct scan scan = {0};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < disks->count; i++)
		if (disks->disks[i].apart && !disks->disks[i].used)
			ask_disk(host, disks, i, &asked);
	if (asked.count == 0)
		return;
	if (processes_scan(host, asked.nodes, asked.count, &scan, &err) < 0)
		for (size_t i = 0; i < disks->count; i++)
			if (disks->disks[i].apart && !disks->disks[i].used)
				disk_add_unreadable(&disks->disks[i], &err);
	for (size_t i = 0; i < scan.hit_count; i++)
		add_hit(host, &asked, &scan.hits[i], disks);
}
