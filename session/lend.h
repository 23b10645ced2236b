/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "model/plan.h"
#include "session/session.h"

/* What is to be lent, and how. */
struct lend_request {
	struct host *host;
	const struct guest *guest; /* with a UUID */
	uint64_t started_ms;       /* as in struct hook_call */
	/* For "hostdevctl lend" (guest->runs: while it runs, plug.h): the journal says so, and the
	 * message has all reasons. */
	bool by_hand;
	/* The UUID was made for this loan: nothing is remembered of its devices. */
	bool of_nobody;
	const struct host_owner *owner; /* to whom the nodes of VFIO go; NULL: they stay root's */
	/*
	 * Was everything that this plan ends or stops agreed to? Called under the claims lock, so
	 * nobody is asked then. NULL: the policy decides.
	 */
	bool (*agrees)(void *data, const struct plan *plan);
	void *data;
};

/*
 * Lends the guest's devices, or settles what its last run has left where it names none. 0, or
 * -errno with a message (session/session.h).
 */
int lend_request_run(const struct lend_request *request, struct text *message);
