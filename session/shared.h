/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * Has the execution count the cells that several guests may need (execution_ties): worked on under
 * a lock of their own, and put back by the last run that needs them. Uses ties.data for session.
 */
void shared_tie(struct session *session, struct execution *execution);
