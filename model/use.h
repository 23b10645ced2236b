/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"
#include "model/outlet.h"

/*
 * What the host itself uses a device for, so that taking it would destroy or cut something. Each
 * kind is a refusal of its own; those that have a name may be lifted by "allow = NAME" in the
 * guest's policy.
 */
enum use_kind {
	/* storage: never lifted */
	USE_MOUNT,      /* a file system on it is mounted */
	USE_SWAP,       /* swap space is on it */
	USE_STACKED,    /* dm, LVM, md, bcache, loop and such stand on it */
	USE_MEMBER,     /* part of a mounted multi-device file system (btrfs, zfs, bcachefs) */
	USE_CLAIMED,    /* something in the kernel has claimed it (O_EXCL says EBUSY) */
	USE_EXPORTED,   /* the kernel itself serves it to others: nvmet, LIO, a USB gadget, rnbd */
	USE_IMAGE,      /* carries an image that the guest itself uses */
	USE_UNREADABLE, /* whether it is in use could not be found out: never "free" */
	USE_MEDIATED,   /* mediated devices are cut out of it, which guests use or could use */
	USE_MEMORY,     /* memory of this host comes from it (CXL) */
	USE_WATCHDOG,   /* a watchdog that runs: letting it go resets the host */
	/* network */
	USE_DEFAULT_ROUTE,
	USE_SSH,           /* a login by ssh comes in over it */
	USE_UPPER,         /* a bridge, bond, VLAN or such stands on it */
	USE_NETWORK_ROOT,  /* what the host runs from (/, /usr, ...) comes over it */
	USE_NETWORK_MOUNT, /* any other file system or disk of another machine comes over it */
	USE_NETNS,         /* its interface is not to be seen here: in another network namespace? */
	/* people */
	USE_LOGIN,    /* somebody is logged in on a virtual terminal that it shows */
	USE_LINE,     /* somebody is logged in on a serial line of it */
	USE_KEYBOARD, /* the only keyboard */
	USE_CONSOLE,  /* a serial line of it is the kernel's console */
	USE_IGPU,     /* the processor's own graphics */
	USE_CHIPSET,  /* a function of the chipset */
	/* the kernel */
	USE_HUNG_TASK, /* the host panics if the device's driver hangs when it lets go */
	/* never lifted */
	USE_NVIDIA, /* the nvidia driver counts a user that no descriptor explains */
	USE_KINDS
};

/* Heap strings: what ("nvme0n1p2", "enp1s0") and how ("mounted on /home"), for people. */
struct use {
	enum use_kind kind;
	struct pci_addr addr;
	char *what, *how;
	/*
	 * Other ways to the same thing, which work, and end with any of their parts: it is lost
	 * when all of them end. What stays in any case is no use.
	 */
	struct outlet *ways;
	size_t way_count;
	size_t outlet; /* USE_DEFAULT_ROUTE: its place in the snapshot's outlets, from 1; 0: not
			  known */
};

void use_done(struct use *use);
void use_drop_ways(struct use *use);

/* Data on a disk, or on what stands on it. What is said of it is a state: "is mounted on /srv". */
bool use_is_storage(enum use_kind kind);

/* "mount", "default-route", ...: a word for tables; the one for "allow = " where there is one. */
const char *use_kind_name(enum use_kind kind);

/* The word for "allow = ", or NULL for what cannot be lifted. */
const char *use_allow_name(enum use_kind kind);
/* False when the word lifts nothing. */
bool use_allow_parse(const char *name, size_t length, enum use_kind *ret);

/* Less is graver: what the host runs from ("/", "/boot", "/usr", "/var", "/home") before others. */
unsigned int use_mount_rank(const char *target);

/*
 * The same for a use: what the host runs from, swap, other mounts, then the other kinds in their
 * order. how: says of a mount where it is, "mounted on /home, by way of ..."; the first place
 * counts.
 */
unsigned int use_rank(enum use_kind kind, const char *how);
