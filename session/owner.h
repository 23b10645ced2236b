/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "session/session.h"

/*
 * A QEMU that does not run as root opens the nodes of VFIO as its user. Nodes are there only while
 * a device is bound to VFIO, so they are given away behind the last step of a lending; and taken
 * back before the first of a return, so that nobody opens one in between.
 */

/* Gives the nodes of all claims to owner; each is written down before it changes. */
int owner_give(struct session *session, struct execution *execution, const struct host_owner *owner,
	       struct error *err);

/* What is not the new owner's any more is left alone. What fails is only logged. */
void owner_take_back(const struct session *session, const struct journal *journal);
