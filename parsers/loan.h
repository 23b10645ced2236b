/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in the snapshot's kernel and the guest's last loan. It only helps to explain a refusal:
 * what cannot be read, or could have been written by others, counts as not remembered.
 */
void loan_read(const struct host *host, const char *uuid, struct snapshot *snapshot);
