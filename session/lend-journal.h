/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "model/journal.h"
#include "parsers/situation.h"
#include "session/session.h"

/*
 * Makes the journal of a plan, and takes over the plan's steps and claims. rest: what an earlier
 * run could not return, or what a running guest has already. The steps of rest come first in the
 * journal, so that a return undoes them last. The caller releases the journal (journal_done).
 */
struct journal lend_journal(const struct session *session, const struct guest *guest, bool by_hand,
			    const struct situation *situation, struct plan *plan,
			    struct journal *rest);

/* Stores, for the guest's next start, which devices it had and which shared their IOMMU groups. */
void lend_remember(const struct session *session, const struct guest *guest,
		   const struct snapshot *snapshot, const struct journal *journal);
