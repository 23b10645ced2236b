/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/policy.h"
#include "model/snapshot.h"

/* All that the planner may know besides the guest itself. */
struct situation {
	struct policy policy;
	struct snapshot snapshot;
};

void situation_done(struct situation *situation);

/*
 * Reads the policy, the guest's devices with their groups, and the claims of other guests. It may
 * take many seconds, so no lock should be held meanwhile: a caller that changes the host reads the
 * claims again under the lock. *ret: situation_done.
 */
int situation_read(const struct host *host, const struct guest *guest, struct situation *ret,
		   struct error *err);

/*
 * Reads the same for all functions of the host, with the policy that holds for any guest, but
 * without what only a step needs (parsers/pci/survey.h). If something cannot be read, *gaps gets a
 * line, and the rest is read; a device may then be in use although nothing shows it. *ret:
 * situation_done.
 */
int situation_survey(const struct host *host, struct situation *ret, struct text *gaps,
		     struct error *err);
