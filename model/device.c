// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows from a device's own numbers and names, with nothing else looked at.
 * Tests: unit/test-cell.c, unit/test-refusal.c.
 */
#include "model/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void device_done(struct device *device)
{
	free(device->vfio_driver);
	free(device->name);
	device->vfio_driver = NULL;
	device->name = NULL;
}

char *device_modalias(const struct device *device)
{
	return xasprintf("pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X", device->vendor,
			 device->product, device->subvendor, device->subproduct,
			 device->class_code >> 16, device->class_code >> 8 & 0xff,
			 device->class_code & 0xff);
}

bool device_class_is_usb2_family(uint32_t class_code)
{
	/* Base class 0c, subclass 03; interfaces 00 UHCI, 10 OHCI, 20 EHCI (30 is xHCI: alone). */
	return class_code == 0x0c0300 || class_code == 0x0c0310 || class_code == 0x0c0320;
}

bool device_is_graphics(const struct device *device)
{
	return device->class_code >> 16 == 0x03;
}

bool device_is_usb2_family(const struct device *device)
{
	return device_class_is_usb2_family(device->class_code);
}

#define CLASS_USB4 0x0c0340

/* A volume management device that has its PCI domain: what is in there goes with its driver. */
static bool device_is_vmd(const struct device *device)
{
	return strcmp(device->bound.driver, "vmd") == 0;
}

bool device_is_chipset_bridge(const struct device *device)
{
	uint32_t kind = device->class_code >> 8;

	return kind == 0x0600 || kind == 0x0601 || kind == 0x0604;
}

bool device_is_thunderbolt(const struct device *device)
{
	return device->class_code == CLASS_USB4 || strcmp(device->bound.driver, "thunderbolt") == 0;
}

bool device_class_needs_proof(uint32_t class_code)
{
	return class_code >> 8 != 0x0c03 || class_code == CLASS_USB4;
}

/* A VFIO driver's name says so: vfio-pci, mlx5_vfio_pci, nvgrace-gpu-vfio-pci, ... */
bool device_driver_is_vfio(const char *driver)
{
	size_t length = strlen(driver), suffix = strlen("vfio-pci");

	return length >= suffix && module_name_equal(driver + length - suffix, "vfio-pci");
}

bool device_is_on_vfio(const struct device *device)
{
	return *device->bound.driver &&
	       (device->has_vfio || device_driver_is_vfio(device->bound.driver));
}

bool device_is_idle(const struct device *device)
{
	const char *driver = device->bound.driver;

	return !*driver || device_is_on_vfio(device) || strcmp(driver, "pci-stub") == 0;
}

/* What it is to people, where its name and its class do not tell; NULL for all others. */
static const char *kind_of(const struct device *device)
{
	if (device_is_vmd(device))
		return "volume management device";
	return device_is_thunderbolt(device) ? "Thunderbolt/USB4 controller" : NULL;
}

/*
 * "GA102 [GeForce RTX 3090]": a graphics card is known by the name it is sold under, in brackets.
 * Of others there stands a mode ("[AHCI mode]") or the card whose sound it is.
 */
static const char *sold_as(const char *name, size_t *ret_length)
{
	size_t length = strlen(name);
	const char *open = strrchr(name, '[');

	*ret_length = length;
	if (!open || name[length - 1] != ']' || open + 2 >= name + length)
		return name;
	*ret_length = (size_t)(name + length - 1 - open - 1);
	return open + 1;
}

/* Where a name may end: behind a whole word, or else between two characters of UTF-8. */
static size_t name_end(const char *name, size_t size)
{
	size_t end = size, word;

	while (end > 0 && ((unsigned char)name[end] & 0xc0) == 0x80)
		end--;
	for (word = end; word > 0 && !strchr(" /,", name[word]); word--)
		;
	return word > end / 2 ? word : end;
}

void device_name_shorten(char *buffer, size_t buffer_size, const char *name, size_t size,
			 bool is_graphics)
{
	static const char dots[] = "...";
	size_t length = strlen(name);

	if (length > size && is_graphics)
		name = sold_as(name, &length);
	if (length > size)
		snprintf(buffer, buffer_size, "%.*s%s",
			 (int)name_end(name, size > strlen(dots) ? size - strlen(dots) : 0), name,
			 dots);
	else
		snprintf(buffer, buffer_size, "%.*s", (int)length, name);
}

/* Below that a name says less of what a device is than its kind does. */
#define NAME_BESIDE_KIND 40

struct device_label device_label_short(const struct device *device, size_t name_size)
{
	const char *kind = kind_of(device);
	struct device_label label = {""};
	char name[192];

	if (device->name)
		device_name_shorten(name, sizeof(name), device->name,
				    name_size < 180 ? name_size : 180, device_is_graphics(device));
	else
		snprintf(name, sizeof(name), "%04x:%04x", device->vendor, device->product);
	if (name_size == 0)
		snprintf(label.text, sizeof(label.text), "%s", ADDR(&device->addr));
	else if (kind && name_size < NAME_BESIDE_KIND)
		snprintf(label.text, sizeof(label.text), "%s (%s)", ADDR(&device->addr), kind);
	else
		snprintf(label.text, sizeof(label.text),
			 device->name ? "%s (%s%s%s)" : "%s [%s%s%s]", ADDR(&device->addr), name,
			 kind ? ", " : "", kind ? kind : "");
	return label;
}

struct device_label device_label(const struct device *device)
{
	return device_label_short(device, sizeof(((struct device_label *)0)->text));
}
