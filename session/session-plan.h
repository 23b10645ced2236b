/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "parsers/situation.h"
#include "session/session.h"

/*
 * Looks at the host, which takes some time, then takes the claims lock, and makes the plan from
 * what is true under that lock. When it returns 0, the lock is held; the caller keeps it until the
 * journal with the plan's claims is written. *ret: situation_done; *plan must be empty: plan_done.
 */
int session_plan(struct session *session, const struct guest *guest, struct situation *ret,
		 struct plan *plan, struct error *err);
