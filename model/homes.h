/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/device.h"
#include "model/setup.h"

/*
 * Which driver the host itself uses for devices that are kept from it now: a device that is
 * reserved shows vfio-pci alone. There may be several entries of one device; the first counts.
 */
struct home {
	struct pci_addr addr;
	char *driver, *modalias; /* heap; driver "": none; modalias "": not known */
	/* A set-up of this program has reserved it, and whoever starts the host without that finds
	 * it with its driver. */
	bool ours;
};

struct homes {
	struct home *all;
	size_t count;
};

void homes_done(struct homes *homes);
#define auto_homes __attribute__((__cleanup__(homes_done)))

/* What a record remembers. */
void homes_add_setup(struct homes *homes, const struct setup *setup);

/* Does a driver keep the device from the host, one of VFIO's or pci-stub? */
bool homes_device_is_kept(const struct device *device);

/*
 * The driver that the host uses for the device, "" none: that which it has, and of one that is
 * kept what is remembered. A device of another kind at the address is another one. homes NULL:
 * nothing is remembered.
 */
const char *homes_driver(const struct homes *homes, const struct device *device);
/* Has a set-up of this program reserved it? */
bool homes_are_ours(const struct homes *homes, const struct device *device);

/*
 * As lines of text, of those that were reserved by a set-up; and back again, appended. "boot" is
 * the boot in which that holds. What is of another boot, or damaged, adds nothing.
 */
void homes_format(const struct homes *homes, const char *boot, struct text *out);
void homes_parse(const char *text, const char *boot, struct homes *homes);
