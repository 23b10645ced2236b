// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device's name by its address alone. Tests: hook/test-adopt.c.
 */
#include "parsers/pci/label.h"

#include <stdio.h>

#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"

struct device_label label_read(const struct host *host, const struct pci_addr *addr)
{
	struct device device;
	struct snapshot snapshot = {.devices = &device, .device_count = 1};
	struct device_label label;

	if (pci_identity_read(host, addr, &device, NULL) < 0) {
		snprintf(label.text, sizeof(label.text), "%s", ADDR(addr));
		return label;
	}
	names_fill(&snapshot);
	label = device_label(&device);
	device_done(&device);
	return label;
}
