/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/iommu.h"

/* What cannot be read is not known; nothing fails. *ret: iommu_done. */
void iommu_read(const struct host *host, struct iommu *ret);
