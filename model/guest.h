/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/addr.h"

#define UUID_TEXT_SIZE 37

/* Stands in place of a guest's name if devices are lent by hand for no guest. */
#define GUEST_NOBODY "by hand"

/* Where in the domain XML a host device is named; what libvirt does with it depends on that. */
enum hostdev_kind {
	HOSTDEV_HOSTDEV,   /* <hostdev type='pci'> */
	HOSTDEV_INTERFACE, /* <interface type='hostdev'> */
	HOSTDEV_NVME,      /* <disk>, <backingStore> or <mirror> with an NVMe source */
};

struct hostdev {
	enum hostdev_kind kind;
	struct pci_addr addr;
	bool managed;
	bool iommufd;       /* <driver iommufd='yes'>, or the same said for the whole domain */
	char *driver_name;  /* heap; <driver name=>, or NULL */
	char *driver_model; /* heap; <driver model=>: the exact VFIO driver, or NULL */
	unsigned int line;  /* in the XML */
};

/* One key of our own element in <metadata>. */
struct policy_item {
	char *key, *value; /* heap */
	bool has_addr;     /* set in a <hostdev:device address=> in it: for that device only */
	struct pci_addr addr;
	unsigned int line;
};

/*
 * A host device that the XML hands to QEMU in words of QEMU's own. Libvirt does not know that
 * device and would not call the hook for its return, so it is not lent: people are told.
 */
struct qemu_device {
	struct pci_addr addr;
	const char *element; /* "qemu:commandline", "qemu:override" */
	unsigned int line;   /* in the XML */
};

/* What the XML says about the guest's memory, in KiB; 0: it says nothing. */
struct guest_memory {
	uint64_t size;
	uint64_t hard_limit; /* <memtune>: the limit for QEMU with all memory that it locks */
	uint64_t page;       /* <hugepages>: the size of one page; 0: the host's usual one */
	bool hugepages;
};

/* What the domain XML says that this program needs; hostdevs are in document order. */
struct guest {
	char *name;                /* heap */
	char uuid[UUID_TEXT_SIZE]; /* "" where the XML has none */
	bool by_hand;              /* an admin names the devices, and no XML does */
	/* The guest runs, has the devices "has", and is to get the hostdevs as well. */
	bool runs;
	struct pci_addr *has;
	size_t has_count;
	struct hostdev *hostdevs;
	size_t hostdev_count;
	struct qemu_device *qemu_devices; /* no address twice */
	size_t qemu_device_count;
	struct guest_memory memory;
	struct policy_item *policy;
	size_t policy_count;
	/*
	 * Heap, in document order: host paths of disks, firmware, kernel and such; and disks of
	 * other machines ("nbd://192.0.2.7/disk").
	 */
	char **images;
	size_t image_count;
};

void guest_done(struct guest *guest);
#define auto_guest __attribute__((__cleanup__(guest_done)))

bool guest_has(const struct guest *guest, const struct pci_addr *addr);

/* Adds a managed <hostdev>, for a guest that is made up. It may be there twice. */
void guest_add_hostdev(struct guest *guest, const struct pci_addr *addr);

/* Each NULL where the XML has no such device. */
const struct hostdev *guest_hostdev(const struct guest *guest, const struct pci_addr *addr);
const struct qemu_device *guest_qemu_device(const struct guest *guest, const struct pci_addr *addr);

/* What a user has to know of a device that is not lent although QEMU is told to take it. Heap. */
char *qemu_device_note(const struct qemu_device *device);

/* "hostdev", "interface", "nvme" */
const char *hostdev_kind_name(enum hostdev_kind kind);

/* 36 characters, lower-case hexadecimal and dashes in their places. */
bool guest_uuid_valid(const char *text);

/*
 * Libvirt binds and returns the device itself and saves its MAC before it does: a managed VF
 * interface is only claimed, never bound beforehand.
 */
bool hostdev_is_claim_only(const struct hostdev *hostdev);
