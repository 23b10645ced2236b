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
 * Reads the policy's layers, the guest's devices with their groups, and the claims of other
 * guests. It may take many seconds, so no lock is held meanwhile: who wants to act reads the
 * claims anew under theirs. *ret: situation_done.
 */
int situation_read(const struct host *host, const struct guest *guest, struct situation *ret,
		   struct error *err);

/*
 * All functions of the host instead of those of one guest, with the policy for any guest; what only
 * a step needs is left out (parsers/pci/survey.h). What cannot be read does not end it: it is told
 * in *gaps, a line each, and then a device may be in use although nothing speaks of it. *ret:
 * situation_done.
 */
int situation_survey(const struct host *host, struct situation *ret, struct text *gaps,
		     struct error *err);
