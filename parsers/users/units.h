/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Asks systemd about the service units of the snapshot's holders and about the display manager, and
 * about what would start or stop along with them. Where it cannot be asked, the unit is there with
 * can_stop false and a note. A host without systemd: nothing.
 */
void units_read(const struct host *host, struct snapshot *snapshot);
