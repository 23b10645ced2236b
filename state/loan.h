/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in the snapshot's kernel and the guest's last loan. As the loan only helps to explain a
 * refusal, a file that cannot be read, or that others could have written, counts as no file.
 */
void loan_read(const struct host *host, const char *uuid, struct snapshot *snapshot);
