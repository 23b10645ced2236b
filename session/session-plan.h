/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "parsers/situation.h"
#include "session/session.h"

/*
 * Looks at the host, which takes its time, and makes the plan on what is true under the claims
 * lock; with 0 that lock is held, until the journal with the plan's claims is written. *ret:
 * situation_done; *plan, which must be empty: plan_done.
 */
int session_plan(struct session *session, const struct guest *guest, struct situation *ret,
		 struct plan *plan, struct error *err);
