/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/journal.h"
#include "model/snapshot.h"

/* Reads one journal; ENOENT when the guest has none. *ret: journal_done. */
int journal_read(const struct host *host, const char *uuid, struct journal *ret, struct error *err);

/*
 * Adds the claims of all journals of this boot, but for those of the guest uuid, to the snapshot.
 * A journal that cannot be read is an error: what it claims is not known. Hold the claims lock.
 */
int journals_read_claims(const struct host *host, const char *uuid, struct snapshot *snapshot,
			 struct error *err);

/*
 * The UUID of the guest whose journal bears this name, for a release that comes with no XML.
 * ENOENT when there is none.
 */
int journals_find_guest(const struct host *host, const char *name, char ret_uuid[UUID_TEXT_SIZE],
			struct error *err);

/*
 * The UUIDs of which there is a file UUID + suffix in the state directory, sorted; without such a
 * directory none. Release with host_free_names.
 */
int journals_list(const struct host *host, const char *suffix, char ***ret, struct error *err);
