/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"

/*
 * Waits until nobody has the device's IOMMU group, or the device's own node, open through VFIO;
 * taking a device from vfio-pci under an open descriptor waits for its end, uninterruptibly and
 * under the device's lock. EBUSY after timeout_ms, with who it is. A device without nodes is free.
 */
int vfio_group_wait(const struct host *host, const char *target, unsigned int timeout_ms,
		    struct error *err);
