/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"
#include "model/snapshot.h"

#define PLACE_PATH_SIZE 512

/* The place of a device in the kernel's tree of devices. */
struct place {
	char path[PLACE_PATH_SIZE]; /* below /sys: "devices/pci0000:00/0000:00:02.0/drm/card0" */
	bool has_addr;
	/*
	 * The PCI function nearest above it; for all in the PCI domain that a volume management
	 * device (Intel VMD) makes, that device.
	 */
	struct pci_addr addr;
};

/*
 * Reads where a link of a class or a bus below /sys ("class/net/eth0") leads, by its text alone: no
 * file of the device is opened. ENOENT: there is no such link; EINVAL: it is no link.
 */
int place_read(const struct host *host, struct place *ret, struct error *err, const char *format,
	       ...) __attribute__((format(printf, 4, 5)));

/*
 * The PCI function above the one that the place is itself: a bridge, or the device that makes its
 * PCI domain. False: it is on a root bus of the host's own.
 */
bool place_parent(const struct place *place, struct pci_addr *ret);

/*
 * If the place belongs to a function that a device of the snapshot carries (model/carried.h), its
 * addr becomes that device's. To be called before addr is looked up in the snapshot.
 */
void place_carry(struct place *place, const struct snapshot *snapshot);

/* Below that directory ("devices/virtual")? */
bool place_below(const struct place *place, const char *directory);

/*
 * Calls visit with the place of each link in a directory ("class/net") in the order of their
 * names; what is no link is left out. No such directory: no calls. Stops at what visit returns
 * below 0.
 */
int place_each(const struct host *host, const char *directory,
	       int (*visit)(void *data, const char *name, const struct place *place,
			    struct error *err),
	       void *data, struct error *err);
