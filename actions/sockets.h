/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"

/*
 * Sockets that cannot come back because the service that they start is up: systemd starts neither
 * while the other is in its way. Private to actions/.
 */

/*
 * Before anything is undone: where a socket of this run is down and its service up, the service's
 * step (with its other sockets') is carried out again, so that undoing it brings them back in
 * their order, the sockets first. Announced in the journal as any step: if this process dies, the
 * next return starts the service. The first failure is kept in *err.
 */
void sockets_clear(struct execution *execution, struct error *err);
