/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Adds the use USE_HUNG_TASK to every device whose driver may hang when it lets go, where the
 * kernel has been told to panic when a task hangs.
 */
int hung_task_read(const struct host *host, struct snapshot *snapshot, struct error *err);
