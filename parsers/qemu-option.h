/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/addr.h"

/*
 * Does this option of QEMU ("-device") with this value ("vfio-pci,host=01:00.0", or the same as
 * JSON) take a PCI device of the host? *ret is untouched where it does not, and where nobody can
 * tell which: a mediated device, a descriptor that somebody else opens.
 */
bool qemu_option_device(const char *option, const char *value, struct pci_addr *ret);

/* The same for one property of a device: "host" and its address, "sysfsdev" and its path. */
bool qemu_property_device(const char *name, const char *value, struct pci_addr *ret);
