/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/device.h"
#include "model/setup.h"

/*
 * Which driver the host itself uses for a device that another driver keeps from it now: a reserved
 * device shows only vfio-pci. A device may have several entries; the first counts.
 */
struct home {
	struct pci_addr addr;
	char *driver, *modalias; /* heap; driver "": none; modalias "": not known */
	/* A set-up of this program has reserved it: when the host starts without the set-up, the
	 * device has its driver again. */
	bool ours;
};

struct homes {
	struct home *all;
	size_t count;
};

void homes_done(struct homes *homes);
#define auto_homes __attribute__((__cleanup__(homes_done)))

/* Adds the drivers that the record of a set-up remembers. */
void homes_add_setup(struct homes *homes, const struct setup *setup);

/* Does a driver keep the device from the host, one of VFIO's or pci-stub? */
bool homes_device_is_kept(const struct device *device);

/*
 * The driver that the host uses for the device; "": none. That is the driver that it has, or, if
 * the device is kept from the host, the remembered driver. An entry for another kind of device at
 * the same address does not count. homes NULL: nothing is remembered.
 */
const char *homes_driver(const struct homes *homes, const struct device *device);
/* Has a set-up of this program reserved the device? */
bool homes_are_ours(const struct homes *homes, const struct device *device);

/*
 * Write the entries that a set-up has reserved as lines of text, and append them from such a text.
 * boot is the id of the boot in which they hold: a text of another boot, and a damaged line, add
 * nothing.
 */
void homes_format(const struct homes *homes, const char *boot, struct text *out);
void homes_parse(const char *text, const char *boot, struct homes *homes);
