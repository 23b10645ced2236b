// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of whole disks that the rooms beside this one fill in. Tests: unit/test-storage.c.
 */
#include "parsers/storage/disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

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
	array_push(disks->disks, disks->count,
		   (struct disk){
			   .addr = *addr,
			   .node = xstrdup(node),
			   .removable = removable,
			   .name = steal(&name),
			   .device = device,
		   });
}
