/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/device.h"

/*
 * What stands at the address, for a message where no snapshot of the host was made:
 * "0000:01:00.0 (NVIDIA GA102 [GeForce RTX 3090])". The address alone where no device is there, or
 * where what it is cannot be read. Costs what names_fill does.
 */
struct device_label label_read(const struct host *host, const struct pci_addr *addr);
