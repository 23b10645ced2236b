/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "model/guest.h"
#include "session/session.h"

/*
 * "hostdevctl lend --for GUEST" while the guest runs. Libvirt calls no hook when a device is
 * attached to a running guest, so the admin lends the device before.
 */

/*
 * Does a guest of this name or UUID run, or is it about to? If so, its name (heap) and UUID go into
 * *ret. Libvirt is not asked: the journals and libvirt's status files tell.
 */
bool plug_find(const struct host *host, const char *word, struct guest *ret);

/* What to make the plan for, as it looks while the guest's lock is not held. *ret: guest_done. */
void plug_look(const struct host *host, const struct guest *wanted, const struct journal *journal,
	       struct guest *ret);

/*
 * To be called under the guest's lock: gives what to make the plan for (*ret_guest: guest_done),
 * and what the guest was lent before (*ret_rest: journal_done; empty: nothing). wanted: the new
 * devices, with the guest's name and UUID. -errno with a message: nothing was changed, except that
 * an earlier lend that was half done may be undone.
 */
int plug_prepare(struct session *session, const struct guest *wanted, struct guest *ret_guest,
		 struct journal *ret_rest, struct text *message);
