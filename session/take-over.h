/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "session/session.h"

/*
 * A guest that starts after "hostdevctl lend" has lent its devices keeps them as they are. To be
 * called first, under the guest's lock. *ret_taken: they are this run's from now on, and there is
 * nothing to lend. Where the loan is not what the guest needs, it is to be settled as any other.
 * EBUSY with a message: somebody has a device open, and nothing was changed.
 */
int take_over(const struct session *session, const struct guest *guest, bool *ret_taken,
	      struct text *message);

/*
 * The same of a guest that names no device: is what was lent to it by hand in use? Then it stays
 * with whoever uses it.
 */
bool take_over_is_needless(const struct session *session);

/*
 * May the guest's devices be lent by hand? Not while it runs, starts, or has them already: EBUSY
 * with a message.
 */
int take_over_check(const struct session *session, struct text *message);
