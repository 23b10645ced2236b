/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"

/*
 * Stranded devices: each is on a VFIO driver, and nobody has it or wants it there. No guest has it
 * by its journal or by libvirt's status of what runs, no process has it open, and nothing that is
 * configured for the boot (a set-up of ours, vfio-pci.ids and the like, driverctl, a script that
 * binds devices) has put it there. Such a device is lost to the host until somebody binds it to its
 * driver.
 */
struct stranded {
	struct pci_addr *addrs; /* heap; in order */
	size_t count;
};

void stranded_done(struct stranded *stranded);
#define auto_stranded __attribute__((__cleanup__(stranded_done)))

/*
 * Asks no libvirt. An error: what guests have, or how the host boots, cannot be read; then no
 * device may be called stranded. *ret: stranded_done.
 */
int stranded_find(const struct host *host, struct stranded *ret, struct error *err);

/* Is the device among the ids of vfio-pci, "10de:2204,10de:1aef:..."? */
bool stranded_ids_have(const char *ids, unsigned int vendor, unsigned int product);
