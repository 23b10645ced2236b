/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in the variant driver (device->vfio_driver) that the running libvirt would choose, by the
 * name of its module. Only devices that the guest names can have one.
 */
void variants_find(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
