/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"

/*
 * Systemd does not start a socket while the service runs that the socket starts. Private to
 * actions/.
 */

/*
 * To be called before anything is undone: if a socket that this run has stopped is down, and its
 * service runs again, the service (with its other sockets) is stopped again. The undo then starts
 * them in their order, the sockets first. The journal has these steps as begun: if this process
 * dies, the next return starts the service. *err keeps the first failure.
 */
void sockets_clear(struct execution *execution, struct error *err);
