/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/addr.h"
#include "model/cell.h"

#define DEVICE_NO_GROUP (-1)

/* One PCI function as it stood when the snapshot was taken. */
struct device {
	struct pci_addr addr;
	struct pci_addr physfn; /* of a VF */
	int group;              /* IOMMU group, or DEVICE_NO_GROUP */
	uint32_t class_code;    /* 24 bits: base class, subclass, programming interface */
	uint16_t vendor, product, subvendor, subproduct;
	bool is_bridge; /* PCI-to-PCI or CardBus header: not an endpoint */
	bool is_vf;
	bool has_vfs;  /* VFs of it are enabled */
	bool boot_vga; /* the firmware's display */
	bool has_vfio; /* the kernel says that its driver is one of VFIO's ("vfio-dev") */
	/* a part of the chipset by its class and place, not of a card; never a USB controller */
	bool on_board;
	bool has_parent;        /* false: it is on a root bus of the host's own */
	struct pci_addr parent; /* the function above it in the tree of devices: a bridge, mostly */
	/* sysfs has nothing below its directory, so that no node can be its own */
	bool is_bare;
	bool is_behind; /* in the PCI domain that a volume management device (Intel VMD) makes */
	struct pci_addr behind; /* that volume management device */
	/* with its source: "nvme:S467NX0M", "dsn:00-1b-21-ff-ff-aa-bb-cc"; "" where it has none */
	char serial[64];
	char runtime_status[16]; /* "active", "suspended", ...; "" unknown */
	struct power_value power;
	struct driver_value bound; /* driver, its module, driver_override */
	char *vfio_driver; /* heap: best vfio variant by modules.alias; NULL: the generic one */
	char *name; /* heap: vendor and product for people, filled when first needed; or NULL */
};

void device_done(struct device *device);

/* The device's alias as the kernel writes it, to be looked up in modules.alias. Heap. */
char *device_modalias(const struct device *device);

/* By class code: a USB 1/2 controller (UHCI, OHCI, EHCI), which has companions in its slot. */
bool device_class_is_usb2_family(uint32_t class_code);
bool device_is_usb2_family(const struct device *device);

/* Is it graphics, with outputs or without: base class 03? */
bool device_is_graphics(const struct device *device);

/*
 * Host and ISA bridges have an ordinary header, but lead to parts of the host. Other devices of
 * that base class with such a header are ordinary endpoints: an NVSwitch, an NTB.
 */
bool device_is_chipset_bridge(const struct device *device);

/* A Thunderbolt or USB4 host controller. The older ones are known by their driver alone. */
bool device_is_thunderbolt(const struct device *device);

/*
 * Must it be certain that nobody holds a device of this class when its driver lets go? For a USB
 * controller not: its end is like pulling plugs, which programs can bear. Drivers of graphics and
 * sound cards may wait for ever, and so may drivers behind a USB4 host controller.
 */
bool device_class_needs_proof(uint32_t class_code);

/* Is it vfio-pci or a variant, by the name alone? Kernels before 6.1 tell nothing else. */
bool device_driver_is_vfio(const char *driver);

/* Is the device on a driver of VFIO's? By what the kernel says, or by the driver's name. */
bool device_is_on_vfio(const struct device *device);

/* Does the host not use the device? It has no driver, or a driver that only keeps it for others. */
bool device_is_idle(const struct device *device);

/*
 * Copies as much of a name as fits into size bytes; of a graphics card the best known part first. A
 * part that is cut off leaves "...".
 */
void device_name_shorten(char *buffer, size_t buffer_size, const char *name, size_t size,
			 bool is_graphics);

/* "0000:01:00.0 (NVIDIA GA102 [GeForce RTX 3090])", or the address with "[10de:2204]" unnamed. */
struct device_label {
	char text[256];
};
struct device_label device_label(const struct device *device);
/* The same with no more than name_size bytes of the name (0: the address alone); what is cut off
 * leaves "...". */
struct device_label device_label_short(const struct device *device, size_t name_size);
#define LABEL(device) (device_label(device).text)
