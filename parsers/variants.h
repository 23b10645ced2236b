/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Only a device that the guest names may get a variant driver (device->vfio_driver); the module's
 * name stands for the driver's.
 */
void variants_find(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
