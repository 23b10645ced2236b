/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "parsers/storage/backing.h"
#include "parsers/storage/bases.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/disks.h"
#include "parsers/storage/exports.h"

/* What is read once for all disks. */
struct disk_facts {
	struct backings backings;
	struct loops loops;
	/* by disk_facts_ask_exports: */
	bool exports_asked;
	int exports_result; /* below 0: what is exported is not known, and exports_error says why */
	struct error exports_error;
	struct exports exports;
};

void disk_facts_done(struct disk_facts *facts);

/* Fills in *facts, which must be zeroed; disk_facts_done, after an error as well. */
int disk_facts_read(const struct host *host, const struct guest *guest, struct disk_facts *facts,
		    struct error *err);
/* Reads what is exported, only once however often this is called. */
void disk_facts_ask_exports(const struct host *host, struct disk_facts *facts);

/*
 * Fills in the uses of disks: mounts, swap, what is stacked on them, images of the guest, exports,
 * and last the exclusive claim. bases: may be NULL; if not, uses also tell whether the host runs
 * from them, and images are also found on what stands on a disk.
 */
void disk_uses_read(const struct host *host, const struct guest *guest, struct disk_facts *facts,
		    const struct bases *bases, struct disks *disks);

/* part, how: heap, taken over. Returns the use; the pointer is good until the next one is added. */
struct disk_use *disk_add_use(struct disk *disk, enum use_kind kind, char *part, char *how);
/* Adds the use that says: whether the disk is in use cannot be found out. */
void disk_add_unreadable(struct disk *disk, const struct error *why);
