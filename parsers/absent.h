/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/guest.h"
#include "model/snapshot.h"

/*
 * Fills in snapshot->absences: why devices that the guest names may not be there, as far as this
 * host tells. After the pins. Where all are there it costs nothing.
 */
void absent_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
