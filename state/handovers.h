/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/handover.h"

/*
 * What the last hand-overs of a guest came to. ENOENT: none is recorded; EBADMSG: the record is
 * damaged. *ret: handovers_done.
 */
int handovers_read(const struct host *host, const char *uuid, struct handovers *ret,
		   struct error *err);

/*
 * Writes the record anew; state_dir: of state_dir_open. A record that cannot be written is not
 * there, which matters for nothing that comes later.
 */
void handovers_write(int state_dir, const struct handovers *handovers);
