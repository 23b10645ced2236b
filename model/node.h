/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/addr.h"

/* A device node through which a process can hold a PCI device. Heap strings. */
struct node {
	struct pci_addr addr; /* whose node it is */
	bool is_block;
	bool shared; /* one node for all devices of a driver: its holder may use any of them */
	uint32_t major, minor;
	char *subsystem; /* of sysfs: "drm", "sound", "block", "nvme", "vfio", "nvidia", ... */
	char *name;      /* below /dev: "dri/card0", "snd/controlC1", "nvme0n1p2" */
};

void node_done(struct node *node);

/*
 * A clock of a network card (ptp). When it goes, the kernel tells the processes that have it open,
 * and waits for none of them (posix_clock_unregister). It cannot be mapped, either.
 */
bool node_is_clock(const struct node *node);

/* A node through which data of a disk are read or written, by a block device or past it. */
bool node_is_storage(const struct node *node);
/* A node of VFIO, of a group or of a device, through which a guest uses the device. */
bool node_is_vfio(const struct node *node);
/* A node through which a program computes or draws, but shows nothing. */
bool node_is_render(const struct node *node);
bool node_is_sound(const struct node *node);

/*
 * A watchdog. The program that has it open keeps the host from being reset. That is a use of its
 * own kind (parsers/users/watchdogs.h), and the program is no holder that could be asked to let go.
 */
bool node_is_watchdog(const struct node *node);

/*
 * As udev's database and our "udev" cells spell a device: "c226:0", "b259:1".
 */
struct node_id {
	char text[32];
};
struct node_id node_id(const struct node *node);
#define NODE_ID(node) (node_id(node).text)
