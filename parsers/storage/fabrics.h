/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/host.h"
#include "model/inet.h"

/* An NVMe controller, by how it is reached. */
enum fabric {
	FABRIC_LOCAL, /* PCI Express, or a target on this host */
	FABRIC_NET,   /* over network interfaces: TCP, RDMA, and what is not known */
	FABRIC_FC,    /* by a Fibre Channel adapter of this host */
};

struct controller {
	char *name; /* heap: "nvme3" */
	enum fabric fabric;
	const char *protocol; /* "NVMe/TCP" */
	bool live;
	bool has_address, has_local;
	struct inet address, local;
	char *interface; /* heap: of this host, to which the connection is bound; or NULL */
	char *port; /* heap: FC: the adapter's port name, 16 hexadecimal digits; NULL: not known */
};

struct controllers {
	struct controller *all;
	size_t count;
};

void controllers_done(struct controllers *controllers);
#define auto_controllers cleanup(controllers_done)

/* *ret: controllers_done. */
int controllers_read(const struct host *host, struct controllers *ret, struct error *err);

/*
 * Is the disk ("nvme0n1", as sysfs calls it) a namespace of this controller: directly, or by a path
 * of native multipath ("nvme0c3n1")? *ret_open: can the disk be used by this controller now?
 */
bool controller_has(const struct host *host, const struct controller *controller, const char *disk,
		    bool *ret_open);

/*
 * "/dev/nvme1n2p3" is of the controller "nvme1". False if sysfs has the disk itself, of which more
 * is known, and for any other node.
 */
bool controller_of_node(const struct host *host, const char *node, char *ret, size_t size);
