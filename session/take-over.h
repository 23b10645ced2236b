/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "session/session.h"

/*
 * If "hostdevctl lend" has lent a guest's devices before the guest starts, the guest keeps them as
 * they are. To be called first, under the guest's lock. *ret_taken: the devices belong to this run
 * from now on, and nothing is left to lend. Otherwise the loan is not what the guest needs, and the
 * caller returns it as any other. EBUSY with a message: a process has a device open, and nothing
 * was changed.
 */
int take_over(const struct session *session, const struct guest *guest, bool *ret_taken,
	      struct text *message);

/*
 * For a guest that names no device: is a device in use that was lent to the guest by hand? Then the
 * loan stays as it is.
 */
bool take_over_is_needless(const struct session *session);

/*
 * May the guest's devices be lent by hand? EBUSY with a message: no, as the guest runs, starts, or
 * has the devices already.
 */
int take_over_check(const struct session *session, struct text *message);
