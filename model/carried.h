/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/addr.h"
#include "model/cell.h"

/*
 * What is reached through a Thunderbolt or USB4 controller although sysfs shows it below other
 * devices: below the PCI ports at the far ends of the controller's tunnels.
 */
enum carried_kind {
	CARRIED_FUNCTION, /* a PCI function at the end of a tunnel: it vanishes with the tunnel */
	CARRIED_BESIDE,   /* the USB controller in the same chip, which stays where it is */
	CARRIED_USB,      /* a USB device, on a controller of the host itself */
};

struct carried {
	enum carried_kind kind;
	struct pci_addr carrier;     /* the Thunderbolt or USB4 controller */
	struct pci_addr addr;        /* the function; of a USB device: its controller */
	uint32_t class_code;         /* of the function at addr */
	char driver[CELL_NAME_SIZE]; /* of that function; "": none */
	char *directory;             /* heap, below /sys: "devices/pci0000:00/0000:00:07.0/..." */
};

/* Is path the directory of carried, or below it? */
bool carried_has(const struct carried *carried, const char *path);
