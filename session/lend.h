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
	/*
	 * It is for "hostdevctl lend" (guest->runs: the guest runs; session/plug.h). The journal
	 * says so, and the message has all reasons.
	 */
	bool by_hand;
	/* The UUID was made for this loan alone: nothing is remembered for a next start. */
	bool of_nobody;
	const struct host_owner *owner; /* the new owner of the nodes of VFIO; NULL: root */
	/*
	 * Has the admin agreed to everything that this plan ends or stops? It is called under the
	 * claims lock, so it must not ask the admin. NULL: the policy decides.
	 */
	bool (*agrees)(void *data, const struct plan *plan);
	void *data;
};

/*
 * Lends the guest's devices. If the guest names no device, returns what its last run has left. 0,
 * or -errno with a message as hook_call_lend has it.
 */
int lend_request_run(const struct lend_request *request, struct text *message);
