/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "model/guest.h"

/*
 * Called after lend_request_run for a guest that ran: has the guest stopped since? If nobody has
 * returned what it was lent, that is done now; *ret_left (heap) says why something is not returned,
 * or is NULL. guest: its hostdevs are the devices that were lent to it just now.
 */
bool stopped_settle(struct host *host, const struct guest *guest, char **ret_left);
