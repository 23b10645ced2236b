/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "model/journal.h"
#include "parsers/situation.h"
#include "session/session.h"

/*
 * The journal of a plan, whose steps and claims it takes over. rest is what an earlier run could
 * not return, or what a guest that runs has: its steps come first, so that a return comes to them
 * last. journal_done.
 */
struct journal lend_journal(const struct session *session, const struct guest *guest, bool by_hand,
			    const struct situation *situation, struct plan *plan,
			    struct journal *rest);

/* For the guest's next start: what its devices were, and what they shared groups with. */
void lend_remember(const struct session *session, const struct guest *guest,
		   const struct snapshot *snapshot, const struct journal *journal);
