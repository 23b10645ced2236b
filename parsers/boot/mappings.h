/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* An encrypted disk that is open. Heap strings. */
struct mapping {
	char *name;   /* as it is open: "luks-0a1b..." */
	char *disk;   /* what it is made of: "/dev/nvme0n1p3" */
	dev_t device; /* the same */
	char *uuid;   /* of its LUKS header, without dashes; "" not known */
};

struct mappings {
	struct mapping *all;
	size_t count;
};

void mappings_done(struct mappings *mappings);
#define auto_mappings __attribute__((__cleanup__(mappings_done)))

/*
 * Those that lie below what is mounted where the path is, at any depth, each once: of LUKS or of
 * plain dm-crypt. *ret_is_mount: it is mounted at this very path, which is one of this process,
 * without links. *ret: mappings_done. ELIBACC without libmount.
 */
int mappings_read(const struct host *host, const char *path, bool *ret_is_mount,
		  struct mappings *ret, struct error *err);

/* What the lines of a crypttab(5) say of one, as initramfs-tools' hook "cryptroot" reads them. */
struct mapping_lines {
	bool named;  /* a line has its name */
	bool any;    /* a line is of its disk, or may be */
	bool always; /* that line says "initramfs": it goes into each image, open or not */
	char *name;  /* heap: of the line that is of its disk; NULL: not known */
};

/* host: where the mapping is open. *ret->name is to be freed. */
void mapping_find_lines(const struct host *host, const struct mapping *mapping,
			const char *crypttab, struct mapping_lines *ret);
/* Has it any line that the hook reads? */
bool mappings_in_crypttab(const char *crypttab);
