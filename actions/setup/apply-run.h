/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/setup/apply.h"

/*
 * Carries out what is planned, in order: a file that is not as the record has it stops it (EBUSY).
 * Nothing is taken back here. ECANCELED: interrupted.
 */
int apply_run(struct apply *apply, struct error *err);

/*
 * Takes back what was begun, last first. A file that somebody has edited since keeps that: only our
 * lines go. Goes on after a failure, but not to what the next try needs; err has the first. 0:
 * everything is taken back.
 */
int apply_undo(struct apply *apply, struct error *err);
