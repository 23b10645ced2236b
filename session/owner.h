/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "session/session.h"

/*
 * A QEMU that does not run as root opens the nodes of VFIO as its own user. The nodes exist only
 * while a device is bound to VFIO. So the user gets them after the last step of a lend, and loses
 * them before the first step of a return, so that no process opens a node in between.
 */

/* Gives the nodes of all claims to owner. The journal names each node before it changes. */
int owner_give(struct session *session, struct execution *execution, const struct host_owner *owner,
	       struct error *err);

/* Gives them back to root, but for nodes that by now belong to somebody else. Failures are logged.
 */
void owner_take_back(const struct session *session, const struct journal *journal);
