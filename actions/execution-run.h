/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"

/*
 * Carries out the steps that are marked as planned, in order; neighbours that are parallel run at
 * once. Stops at the first that fails or finds its cell drifted: err says which step and why, and
 * nothing is undone yet.
 */
int execution_run(struct execution *execution, struct error *err);

/*
 * Writes down that the run is on its way back, walks the steps backwards and restores what they
 * changed. Goes on after a failure (err keeps the first) so that as much as possible is home again;
 * a record that cannot be written is no failure. With execution.only, the run goes on, and the
 * caller has written down which devices are detached. Returns 0 when everything is settled; the
 * caller then removes the journal. Else execution.rest tells who comes back for what is left;
 * EINPROGRESS: nothing failed but that it has to wait.
 */
int execution_undo(struct execution *execution, struct error *err);
