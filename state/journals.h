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
 * What the journals of this boot say, but for that of the guest uuid: their claims, and the shared
 * cells they hold. Replaces both in the snapshot. A journal that cannot be read is an error: what
 * it claims is not known. Only under the claims lock does it stay true.
 */
int journals_read_claims(const struct host *host, const char *uuid, struct snapshot *snapshot,
			 struct error *err);

/*
 * The guest other than uuid whose run, of this boot, has changed this cell to this "after" and not
 * put it back yet: *ret_guest (heap), or NULL. A journal that cannot be understood needs nothing:
 * it must not keep others from coming home; nor does a run that is over, and at which nobody works.
 * lock: of GUESTS_LOCK, the caller's.
 */
int journals_find_need(const struct host *host, const struct lock *lock, const char *uuid,
		       const struct step *step, char **ret_guest, struct error *err);

/*
 * The UUID of the guest whose journal bears this name, for a release that comes with no XML; of
 * several, that of a guest that has its devices.
 * ENOENT when there is none.
 */
int journals_find_guest(const struct host *host, const char *name, char ret_uuid[UUID_TEXT_SIZE],
			struct error *err);

/*
 * The UUIDs of the journals that an admin may mean by word: a guest's UUID or name, or the address
 * of a device that a run of this boot has. Sorted; host_free_names. A journal that cannot be
 * understood is meant by its UUID alone.
 */
int journals_find_meant(const struct host *host, const char *word, char ***ret, struct error *err);

/*
 * The UUIDs of which there is a file UUID + suffix in the state directory, sorted; without such a
 * directory none. Release with host_free_names.
 */
int journals_list(const struct host *host, const char *suffix, char ***ret, struct error *err);

/* Is it the name of such a file? Its UUID then. */
bool journals_uuid_of(const char *name, const char *suffix, char uuid[UUID_TEXT_SIZE]);
