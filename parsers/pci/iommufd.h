/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in snapshot->iommufd_lacks if the guest asks for iommufd and this kernel surely lacks it.
 * What cannot be told before the start is left for QEMU to find out.
 */
void iommufd_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
