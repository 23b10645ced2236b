/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/addr.h"

/*
 * Does this option of QEMU ("-device") with this value ("vfio-pci,host=01:00.0", or the same as
 * JSON) take a PCI device of the host? *ret is its address. False as well if the value does not
 * tell which device it is: a mediated device, a descriptor that another program opens.
 */
bool qemu_option_device(const char *option, const char *value, struct pci_addr *ret);

/* The same for one property of a device: "host" and its address, "sysfsdev" and its path. */
bool qemu_property_device(const char *name, const char *value, struct pci_addr *ret);
