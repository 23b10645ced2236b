/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "model/addr.h"
#include "parsers/interfaces.h"
#include "parsers/routes.h"
#include "parsers/serial.h"

/* A PCI device on which an interface stands, over however many others. */
struct foot {
	struct pci_addr addr;
	char *what;       /* heap: the device's interface, or the serial line that PPP uses */
	unsigned int set; /* the interface falls with all of any one set: a bond's ports are one */
	bool may;         /* it is not told what the interface stands on, and this could be it */
};

struct footing {
	char *interface;
	bool nowhere; /* a dummy and the like: nothing comes out of it */
	bool other;   /* it stands on something that is no PCI device */
	struct foot *feet;
	size_t foot_count;
};

/* What footings are made of; and those that were asked for already. */
struct footings {
	const struct host *host;
	const struct interfaces *interfaces;
	const struct routes *routes;
	struct serial_lines lines;
	bool has_lines; /* they were looked for */
	struct footing **all;
	size_t count;
};

void footings_done(struct footings *footings);
#define auto_footings cleanup(footings_done)

/*
 * What the interface of this name stands on: by what is below it, a tunnel by the route to its
 * other end, PPP by the line of its program. Where none of it is told (a VPN's program, the other
 * end in another network namespace), each adapter that has a carrier may be it. Kept in footings.
 * No interface of that name: on nothing.
 */
const struct footing *footing_of(struct footings *footings, const char *interface);

/* Has it no carrier? False where that is not told. */
bool interface_is_dead(const struct host *host, const char *interface);
