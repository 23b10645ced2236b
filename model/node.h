/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/addr.h"

/* A device node through which a process can hold a PCI device. Heap strings. */
struct node {
	struct pci_addr addr; /* whose node it is */
	bool is_block;
	bool shared; /* one node for all devices of its driver: who holds it *may* hold this one */
	uint32_t major, minor;
	char *subsystem; /* of sysfs: "drm", "sound", "block", "nvme", "vfio", "nvidia", ... */
	char *name;      /* below /dev: "dri/card0", "snd/controlC1", "nvme0n1p2" */
};

void node_done(struct node *node);

/*
 * A clock of a network card (ptp): the kernel tells who has it open that it is gone, and waits for
 * nobody (posix_clock_unregister). It can not be mapped either.
 */
bool node_is_clock(const struct node *node);

/* Through it data of a disk are read or written: a block device, or what leads past it to one. */
bool node_is_storage(const struct node *node);
/* A group's or a device's own, through which a virtual machine has it. */
bool node_is_vfio(const struct node *node);
/* Through it a program computes or draws, and does not show anything. */
bool node_is_render(const struct node *node);
bool node_is_sound(const struct node *node);

/*
 * A watchdog. The program that has it open keeps the host from being reset: that is a use of its
 * own kind (parsers/users/watchdogs.h), and no holder that could be asked to let go.
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
