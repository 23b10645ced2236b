/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/carried.h"
#include "model/device.h"
#include "model/guest.h"
#include "model/holder.h"
#include "model/loan.h"
#include "model/node.h"
#include "model/outlet.h"
#include "model/pin.h"
#include "model/step.h"
#include "model/use.h"

struct group {
	int number;
	bool noiommu; /* VFIO without an IOMMU: no protection at all */
	struct pci_addr *members;
	size_t member_count;
};

/* "This device belongs to that guest's run", from the journals. */
struct claim {
	struct pci_addr addr;
	char *guest; /* heap */
	char uuid[UUID_TEXT_SIZE];
	bool over;    /* that run has ended, and something of it is not returned yet */
	bool by_hand; /* "hostdevctl lend" has lent it; guest GUEST_NOBODY: for no guest */
};

/*
 * A shared cell (step_kind_is_shared) that the run of another guest has changed and not put back
 * yet, from its journal.
 */
struct shared_cell {
	struct step step;
	char *guest;    /* heap */
	char **drivers; /* home drivers of that guest's devices; NULL-terminated, heap */
	bool display;   /* a unit that is the display manager or goes with it */
};

/* Why a device that the guest names is not there, as far as that is known. */
struct absence {
	struct pci_addr addr;
	char *evidence; /* heap, escaped: goes on behind the device ("is hidden by ...") */
	char *advice;   /* heap, escaped: a sentence */
};

/* Whether a VFIO driver could take a device now. */
struct vfio_driver {
	char *wanted;     /* heap: as the XML, modules.alias or we call it */
	char *registered; /* heap: the driver's own spelling; NULL while its module is not loaded */
};

/* A process whose open files could not be read: it may hold any device. */
struct unreadable {
	pid_t pid;
	char *why; /* heap */
};

/*
 * A framebuffer and the device it lies on: /sys/class/graphics/fbN; or the firmware's platform
 * device alone, where its driver (simpledrm without emulation) makes no such thing.
 */
struct framebuffer {
	bool has_fb;         /* false: platform and driver are all there is */
	unsigned int number; /* of fbN */
	char *name;          /* heap: "bochs-drmdrmfb", "EFI VGA" */
	bool has_addr;       /* false: on no device of the snapshot, nor known to be on another */
	struct pci_addr addr;
	char *platform; /* heap: the firmware's, "efi-framebuffer.0"; NULL for a driver's own */
	char *driver;   /* heap: of that platform device */
};

/* A console driver of virtual terminals (/sys/class/vtconsole/vtconN). */
struct vtconsole {
	char *name;       /* heap: "vtcon1" */
	bool framebuffer; /* it draws on framebuffers */
	bool bound;
};

/*
 * A class device of a host device that programs follow by its udev events, and that udev knows:
 * a synthetic "remove" makes compositors and sound servers let go of it.
 */
struct udev_device {
	struct pci_addr addr;
	char *id;        /* heap: "c226:0", "+sound:card1", as udev's database names it */
	char *subsystem; /* heap: "drm", "sound" */
};

/* How likely it is that people type on an input device that has the letters of a keyboard. */
enum keyboard_grade {
	KEYBOARD_NEVER, /* known as something else: a token, a barcode reader, a remote control */
	KEYBOARD_UNLIKELY, /* a mouse with keys */
	KEYBOARD_LIKELY,   /* perhaps with a pointer of its own, perhaps a receiver for both */
	KEYBOARD_SURE,
};

/* An input device with the letters of a keyboard. */
struct keyboard {
	char *name; /* heap */
	enum keyboard_grade grade;
	bool has_addr; /* false: not behind any PCI device (PS/2) */
	struct pci_addr addr;
};

/* A person who is logged in on a virtual terminal, in text. Heap strings. */
struct login {
	char *who;     /* "alice"; if only a program is seen there: "bash (process 812)" */
	char *where;   /* "tty2" */
	char *session; /* logind's id; NULL: none */
};

/*
 * All that the planner may know: only the devices a guest names, their groups, and (USB 2) their
 * slot neighbours. Read once, then const.
 */
struct snapshot {
	bool iommu; /* the host has IOMMU groups at all */
	/* Devices stand in the order of their addresses and groups in that of their numbers, so
	 * that they are found without a walk: of all functions of a host (parsers/pci/survey.h). */
	bool sorted;
	char *iommu_advice; /* heap: what to do if it has none; NULL: it has, or was not asked */
	struct device *devices;
	size_t device_count;
	struct group *groups;
	size_t group_count;
	struct vfio_driver *drivers;
	size_t driver_count;
	struct claim *claims;
	size_t claim_count;
	struct shared_cell *shared_cells;
	size_t shared_cell_count;
	struct pins pins; /* of this guest: what each address was when it was first lent */
	struct absence *absences;
	size_t absence_count;
	/* The option without which this kernel was built, and which the guest's iommufd needs;
	 * NULL: none, or nobody asks for iommufd. A constant. */
	const char *iommufd_lacks;
	char *kernel;            /* heap: the release that runs; NULL: not known */
	struct loan loan;        /* the last one of this guest */
	struct carried *carried; /* what its Thunderbolt and USB4 controllers carry */
	size_t carried_count;

	/* Who uses the devices. */
	struct node *nodes;
	size_t node_count;
	struct holder *holders;
	size_t holder_count;
	struct unreadable *unreadables;
	size_t unreadable_count;
	struct unit *units; /* of the holders, and the display manager's */
	size_t unit_count;
	char *display_manager; /* heap: the unit's name, or NULL */
	/* Read only if a holder prompts: is there another graphics card, which stays? */
	bool other_card;
	struct use *uses;
	size_t use_count;
	struct outlet *outlets; /* all of the host's, where one of the devices carries any */
	size_t outlet_count;
	struct framebuffer *framebuffers; /* all of the host's */
	size_t framebuffer_count;
	struct vtconsole *vtconsoles;
	size_t vtconsole_count;
	struct keyboard *keyboards; /* all of the host's */
	size_t keyboard_count;
	struct login *logins; /* only where the text consoles may be on one of the devices */
	size_t login_count;
	pid_t own_machine; /* the QEMU of this very guest, which has some of the devices; 0: none */
	struct udev_device *udev_devices;
	size_t udev_device_count;
};

void snapshot_done(struct snapshot *snapshot);
#define auto_snapshot __attribute__((__cleanup__(snapshot_done)))

/* Each returns NULL when the snapshot has no such thing. */
const struct device *snapshot_device(const struct snapshot *snapshot, const struct pci_addr *addr);
const struct group *snapshot_group(const struct snapshot *snapshot, int number);
const struct vfio_driver *snapshot_vfio_driver(const struct snapshot *snapshot, const char *wanted);

/*
 * The device above: for a VF its PF; else the bridge to its bus, or the volume management device
 * that makes its PCI domain. NULL: it is on a root bus, or the device above is not in the snapshot.
 */
const struct device *snapshot_parent(const struct snapshot *snapshot, const struct device *device);

/* The entry of this function, if a device of the snapshot carries it (model/carried.h). */
const struct carried *snapshot_carried(const struct snapshot *snapshot,
				       const struct pci_addr *addr);

/* The graphics card that goes with the device: the device itself, or what is reached through it. */
const struct pci_addr *snapshot_graphics(const struct snapshot *snapshot,
					 const struct device *device);

/* The claim of a guest other than uuid on addr, or NULL. */
const struct claim *snapshot_claim(const struct snapshot *snapshot, const struct pci_addr *addr,
				   const char *uuid);

/* Was the device lent by hand, for no guest? */
bool claim_is_of_nobody(const struct claim *claim);

/*
 * Has the holder a node open that is this device's own? A node that all devices of a driver share
 * does not count, as it says nothing about this device.
 */
bool snapshot_holds(const struct snapshot *snapshot, const struct holder *holder,
		    const struct pci_addr *addr);

const struct absence *snapshot_absence(const struct snapshot *snapshot,
				       const struct pci_addr *addr);

/* Removes all claims and shared cells, so that journals can be read anew. */
void snapshot_forget_journals(struct snapshot *snapshot);

/* what and how: heap strings, taken over. */
void snapshot_add_use(struct snapshot *snapshot, enum use_kind kind, const struct pci_addr *addr,
		      char *what, char *how);

const struct unit *snapshot_unit(const struct snapshot *snapshot, const char *name);

/*
 * The VFIO driver that libvirt would choose: <driver model=>, else the best alias of modules.alias,
 * else vfio-pci (libvirt 10.0 and later, virPCIDeviceFindBestVFIOVariant). A device that is on a
 * VFIO driver stays on it if libvirt does not choose (managed='no'), or if that driver is not named
 * like VFIO's (a vendor's own driver). hostdev NULL: the device is only taken along; libvirt will
 * not look at it, and the generic driver will do.
 */
const char *snapshot_wanted_driver(const struct device *device, const struct hostdev *hostdev);
