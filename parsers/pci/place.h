/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"
#include "model/snapshot.h"

#define PLACE_PATH_SIZE 512

/* Where in the tree of devices something stands. */
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
 * Follows the link of a class or a bus below /sys ("class/net/eth0"), by its text alone: nothing
 * of the device is opened. ENOENT where there is none, EINVAL for what is no link.
 */
int place_read(const struct host *host, struct place *ret, struct error *err, const char *format,
	       ...) __attribute__((format(printf, 4, 5)));

/*
 * The PCI function above the one that the place is itself: a bridge, or the device that makes its
 * PCI domain. False: it is on a root bus of the host's own.
 */
bool place_parent(const struct place *place, struct pci_addr *ret);

/*
 * What is no device of the snapshot, but carried by one (model/carried.h), counts as that device's
 * from now on. To be called for every place before its addr is looked up in a snapshot.
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
