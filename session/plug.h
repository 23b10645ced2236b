/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "model/guest.h"
#include "session/session.h"

/*
 * "hostdevctl lend --for GUEST" while the guest runs: before the device is attached to it, which
 * calls no hook.
 */

/*
 * Is there a guest of this name or UUID that runs, or is about to? Its name (heap) and UUID then
 * go into *ret. Libvirt is not asked: journals tell, and what libvirt keeps of who runs.
 */
bool plug_find(const struct host *host, const char *word, struct guest *ret);

/* What to plan for, as it looks without the guest's lock. *ret: guest_done. */
void plug_look(const struct host *host, const struct guest *wanted, const struct journal *journal,
	       struct guest *ret);

/*
 * Under the guest's lock: what to plan for, and what the run has. wanted: the new devices, with the
 * guest's name and UUID. *ret_guest: guest_done; *ret_rest: journal_done, empty where nothing was
 * lent to it before. Nothing was changed where it fails, with a message; what an earlier lending
 * has left half done may be undone.
 */
int plug_prepare(struct session *session, const struct guest *wanted, struct guest *ret_guest,
		 struct journal *ret_rest, struct text *message);
