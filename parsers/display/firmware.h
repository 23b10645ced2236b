/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * The device among the snapshot's displays on whose memory the firmware's framebuffer lies; NULL
 * where it lies on none of them.
 */
int firmware_find_display(const struct host *host, const struct snapshot *snapshot,
			  const struct device **ret, struct error *err);
