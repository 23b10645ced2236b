/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in snapshot->iommufd_lacks, where the guest asks for iommufd and it is sure that this
 * kernel cannot have it; what nobody can tell yet is left for QEMU to find out.
 */
void iommufd_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot);
