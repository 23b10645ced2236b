/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/handover.h"

/*
 * Reads how the last lend and the last return of a guest ended. ENOENT: there is no record;
 * EBADMSG: the record is damaged. *ret: handovers_done.
 */
int handovers_read(const struct host *host, const char *uuid, struct handovers *ret,
		   struct error *err);

/*
 * Writes the record anew; state_dir comes from state_dir_open. A failure is not told: nothing that
 * comes later depends on the record.
 */
void handovers_write(int state_dir, const struct handovers *handovers);
