/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"

/*
 * The PCI device that an argument stands for. It may be an address in any spelling of
 * pci_addr_parse_given (which need not be there), a device node ("/dev/nvme0n1", "/dev/dri/card1",
 * or a link to one in /dev), or the name that the kernel has for a node or an interface ("nvme0n1",
 * "card1", "eth0"). ENOENT: there is no such thing on this host; ENODEV: it is there, but belongs
 * to no PCI device, or to several.
 */
int device_parse(const struct host *host, const char *word, struct pci_addr *ret,
		 struct error *err);
