/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addr.h"
#include "model/outlet.h"

/*
 * What the host itself uses a device for, so that taking the device would destroy or cut something.
 * Each kind is a refusal of its own. If a kind has a name, "allow = NAME" in the guest's policy
 * lifts it.
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
	USE_NETNS,         /* its interface is not seen here: another network namespace has it */
	/* people */
	USE_LOGIN,    /* a person is logged in on a virtual terminal that it shows */
	USE_LINE,     /* a person is logged in on a serial line of it */
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
	 * Other ways that lead to the same thing and work now. The thing is lost only when all of
	 * them end, too.
	 */
	struct outlet *ways;
	size_t way_count;
	size_t outlet; /* USE_DEFAULT_ROUTE: its place in the snapshot's outlets, from 1; 0: not
			  known */
};

void use_done(struct use *use);
void use_drop_ways(struct use *use);

/* Is it about data on a disk? Then how is a state, to stand behind "is": "mounted on /srv". */
bool use_is_storage(enum use_kind kind);

/* "mount", "default-route", ...: a word for tables; the word for "allow = " if there is one. */
const char *use_kind_name(enum use_kind kind);

/* The word for "allow = "; NULL: nothing lifts this kind. */
const char *use_allow_name(enum use_kind kind);
/* False: the word lifts nothing. */
bool use_allow_parse(const char *name, size_t length, enum use_kind *ret);

/* How grave the loss of a mount is; less is graver: "/", "/boot", "/usr", "/var", "/home", others.
 */
unsigned int use_mount_rank(const char *target);

/*
 * The same for a use: mounts that the host runs from, swap, other mounts, then the other kinds in
 * their order. how says where a mount is, "mounted on /home, by way of ..."; the first place
 * counts.
 */
unsigned int use_rank(enum use_kind kind, const char *how);
