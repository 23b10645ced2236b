/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/* A network interface of this network namespace. */
struct interface {
	char *name; /* heap */
	bool made;  /* by the kernel alone: no device of whatever bus is below it */
	bool has_addr;
	struct pci_addr addr;     /* the PCI function that it belongs to, by USB or virtio too; or
				   * the device of the snapshot that carries it */
	struct pci_addr function; /* the function in any case */
	char **lower, **upper;    /* heap, NULL-terminated: what it stands on, what stands on it */
};

struct interfaces {
	bool networking; /* the kernel has interfaces at all */
	struct interface *all;
	size_t count;
};

void interfaces_done(struct interfaces *interfaces);
#define auto_interfaces cleanup(interfaces_done)

/* *ret: interfaces_done. */
int interfaces_read(const struct host *host, const struct snapshot *snapshot,
		    struct interfaces *ret, struct error *err);

/* Is it one of those that a program makes over a serial line (PPP, SLIP)? */
bool interface_uses_line(const struct host *host, const char *name);

/* What an interface is: "bridge", "bond", "VLAN", "macvlan", ...; "interface" unknown. Heap. */
char *interface_kind(const struct host *host, const char *name);
