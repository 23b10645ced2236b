/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/journal.h"
#include "model/snapshot.h"
#include "state/lock.h"

/* Reads one journal; ENOENT when the guest has none. *ret: journal_done. */
int journal_read(const struct host *host, const char *uuid, struct journal *ret, struct error *err);

/*
 * Are the guest's devices lent in this boot? They may be lent by hand, or to a QEMU that is about
 * to start.
 */
bool journals_is_lent(const struct host *host, const char *uuid);

/*
 * Reads the claims and the shared cells of all journals of this boot except that of the guest uuid,
 * and replaces both in the snapshot. A journal that cannot be read is an error, as nobody knows
 * what it claims. The answer stays true only while the caller has the claims lock.
 */
int journals_read_claims(const struct host *host, const char *uuid, struct snapshot *snapshot,
			 struct error *err);

/*
 * Finds another guest than uuid whose run, of this boot, has changed this step's cell to the same
 * "after" and has not put it back yet: *ret_guest (heap), or NULL. A journal that cannot be
 * understood does not count, so that it keeps no other device from coming home; nor does a run that
 * is over while nobody works on it. lock is the caller's lock in GUESTS_LOCK.
 */
int journals_find_need(const struct host *host, const struct lock *lock, const char *uuid,
		       const struct step *step, char **ret_guest, struct error *err);

/*
 * Finds the UUID of the guest with this name by its journal, for a release that comes without XML.
 * If there are several, a guest that has its devices comes first. ENOENT: there is no such journal.
 */
int journals_find_guest(const struct host *host, const char *name, char ret_uuid[UUID_TEXT_SIZE],
			struct error *err);

/*
 * Lists the UUIDs of the journals that an admin may mean by word: a guest's UUID or name, or the
 * address of a device that a run of this boot has. Sorted; host_free_names. A journal that cannot
 * be understood is found by its UUID alone.
 */
int journals_find_meant(const struct host *host, const char *word, char ***ret, struct error *err);

/*
 * Lists the UUIDs for which the state directory has a file UUID + suffix, sorted; none if there is
 * no such directory. Release with host_free_names.
 */
int journals_list(const struct host *host, const char *suffix, char ***ret, struct error *err);

/* Is it the name of a file UUID + suffix? Then uuid is filled in. */
bool journals_uuid_of(const char *name, const char *suffix, char uuid[UUID_TEXT_SIZE]);
