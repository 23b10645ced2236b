// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which disks and tapes the host loses with a device, as uses of that device; and that what cannot
 * be found out of one counts as in use.
 */
#include "parsers/storage/storage.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/disk-holders.h"
#include "parsers/storage/disk-uses.h"
#include "parsers/storage/fc.h"

/* --- the disks behind devices --- */

static void tell(struct snapshot *snapshot, const struct disk *disk)
{
	for (size_t i = 0; i < disk->use_count; i++) {
		const struct disk_use *use = &disk->uses[i];

		snapshot_add_use(snapshot, use->kind, &disk->addr, xstrdup(use->part),
				 xasprintf("%s%s", use->how, disk->perhaps ? DISK_PERHAPS : ""));
	}
}

/* --- what is exported that is no disk: a tape, an NVMe controller as a whole --- */

static bool can_be_exported(const struct node *node)
{
	static const char *const subsystems[] = {"nvme", "nvme-generic", "scsi_generic",
						 "scsi_tape", "scsi_changer"};

	for (size_t i = 0; !node->is_block && i < sizeof(subsystems) / sizeof(*subsystems); i++)
		if (text_equal(node->subsystem, subsystems[i]))
			return true;
	return false;
}

static void tell_node(struct snapshot *snapshot, const struct exports *exports,
		      const struct node *node)
{
	for (size_t i = 0; i < exports->count; i++) {
		const struct export *export = &exports->all[i];

		if (export->kind == EXPORT_CHAR &&
		    export->number == makedev(node->major, node->minor))
			snapshot_add_use(snapshot, USE_EXPORTED, &node->addr, xstrdup(node->name),
					 xasprintf("exported by %s", export->by));
	}
}

static void tell_memory(struct snapshot *snapshot, const struct exports *exports)
{
	for (size_t i = 0; i < exports->count; i++) {
		const struct export *export = &exports->all[i];

		if (export->kind == EXPORT_MEMORY && snapshot_device(snapshot, &export->addr))
			snapshot_add_use(snapshot, USE_EXPORTED, &export->addr,
					 xstrdup("its memory"),
					 xasprintf("in use by %s", export->by));
	}
}

static void tell_unknown(struct snapshot *snapshot, const struct node *node, const char *why)
{
	snapshot_add_use(snapshot, USE_UNREADABLE, &node->addr, xstrdup(node->name),
			 xasprintf("may be in use, which cannot be found out: %s", why));
}

static bool has_disks(const struct disks *disks, const struct pci_addr *addr)
{
	for (size_t i = 0; i < disks->count; i++)
		if (pci_addr_equal(&disks->disks[i].addr, addr))
			return true;
	return false;
}

static void tell_nodes(struct snapshot *snapshot, const struct disks *disks,
		       const struct disk_facts *facts)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct node *node = &snapshot->nodes[i];

		if (!can_be_exported(node))
			continue;
		tell_node(snapshot, &facts->exports, node);
		/* Told of its disks already. */
		if (facts->exports_result < 0 && !has_disks(disks, &node->addr))
			tell_unknown(snapshot, node, facts->exports_error.text);
	}
	tell_memory(snapshot, &facts->exports);
}

static bool has_such_nodes(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (can_be_exported(&snapshot->nodes[i]))
			return true;
	return false;
}

int storage_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err)
{
	cleanup(disks_done) struct disks disks = {0};
	cleanup(disk_facts_done) struct disk_facts facts = {0};
	struct error why = ERROR_INIT;
	int ret = disks_read(host, snapshot, &disks, err), known;

	if (ret == 0)
		ret = fc_nodes_tell(host, snapshot, err);
	if (ret < 0 || (disks.count == 0 && !has_such_nodes(snapshot)))
		return ret;
	known = disk_facts_read(host, guest, &facts, &why);
	disk_facts_ask_exports(host, &facts);
	if (known == 0) {
		disk_uses_read(host, guest, &facts, NULL, &disks);
		disk_holders_read(host, &disks);
	}
	for (size_t i = 0; i < disks.count; i++) {
		if (known < 0)
			disk_add_unreadable(&disks.disks[i], &why);
		tell(snapshot, &disks.disks[i]);
	}
	tell_nodes(snapshot, &disks, &facts);
	return 0;
}
