/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "model/guest.h"

/*
 * To be called after lend_request_run for a guest that ran: has the guest stopped since then? If
 * so, and if nobody has returned what it was lent, this returns it. *ret_left (heap) says why
 * something is not returned; NULL: all is. guest: its hostdevs are the devices that were lent just
 * now.
 */
bool stopped_settle(struct host *host, const struct guest *guest, char **ret_left);
