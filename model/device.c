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

bool device_is_on_vfio(const struct device *device)
{
	return *device->bound.driver && (device->has_vfio || driver_is_vfio(device->bound.driver));
}

bool device_is_idle(const struct device *device)
{
	const char *driver = device->bound.driver;

	return !*driver || device_is_on_vfio(device) || strcmp(driver, "pci-stub") == 0;
}

/* How many bytes of a name fit, with no character of UTF-8 cut in two. */
static int name_length(const char *name, size_t size)
{
	size_t length = strlen(name);

	if (length <= size)
		return (int)length;
	length = size > strlen("...") ? size - strlen("...") : 0;
	while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80)
		length--;
	return (int)length;
}

struct device_label device_label_short(const struct device *device, size_t name_size)
{
	struct device_label label;
	int length;

	if (name_size == 0) {
		snprintf(label.text, sizeof(label.text), "%s", ADDR(&device->addr));
	} else if (device->name) {
		length = name_length(device->name, name_size);
		snprintf(label.text, sizeof(label.text), "%s (%.*s%s)", ADDR(&device->addr), length,
			 device->name, device->name[length] ? "..." : "");
	} else {
		snprintf(label.text, sizeof(label.text), "%s [%04x:%04x]", ADDR(&device->addr),
			 device->vendor, device->product);
	}
	return label;
}

struct device_label device_label(const struct device *device)
{
	return device_label_short(device, sizeof(((struct device_label *)0)->text));
}
