// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows from a device's own numbers and names, with nothing else looked at.
 */
#include "model/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void device_done(struct device *device)
{
	free(device->vfio_driver);
	free(device->name);
	device->vfio_driver = NULL;
	device->name = NULL;
}

bool class_is_usb2_family(uint32_t class_code)
{
	/* Base class 0c, subclass 03; interfaces 00 UHCI, 10 OHCI, 20 EHCI (30 is xHCI: alone). */
	return class_code == 0x0c0300 || class_code == 0x0c0310 || class_code == 0x0c0320;
}

bool device_is_usb2_family(const struct device *device)
{
	return class_is_usb2_family(device->class_code);
}

bool class_needs_proof(uint32_t class_code)
{
	return class_code >> 8 != 0x0c03;
}

/* A VFIO driver's name says so: vfio-pci, mlx5_vfio_pci, nvgrace-gpu-vfio-pci, ... */
bool driver_is_vfio(const char *driver)
{
	size_t length = strlen(driver), suffix = strlen("vfio-pci");

	return length >= suffix && module_name_equal(driver + length - suffix, "vfio-pci");
}

struct device_label device_label(const struct device *device)
{
	struct device_label label;

	if (device->name)
		snprintf(label.text, sizeof(label.text), "%s (%s)", ADDR(&device->addr),
			 device->name);
	else
		snprintf(label.text, sizeof(label.text), "%s [%04x:%04x]", ADDR(&device->addr),
			 device->vendor, device->product);
	return label;
}
