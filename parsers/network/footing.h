/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "model/addr.h"
#include "parsers/network/interfaces.h"
#include "parsers/network/routes.h"
#include "parsers/network/serial.h"

/* A PCI device on which an interface stands, over however many others. */
struct foot {
	struct pci_addr addr;
	char *what;       /* heap: the device's interface, or the serial line that PPP uses */
	unsigned int set; /* the interface is lost with all parts of one set: a bond's ports, say */
	bool may;         /* nobody tells what the interface stands on; it could be this device */
};

struct footing {
	char *interface;
	bool nowhere; /* a dummy or the like: nothing that is sent over it leaves the host */
	bool other;   /* the interface stands on something that is no PCI device */
	struct foot *feet;
	size_t foot_count;
};

/* What is needed to find footings, and the footings that were found already. */
struct footings {
	const struct host *host;
	const struct interfaces *interfaces;
	const struct routes *routes;
	struct serial_lines lines;
	bool has_lines; /* lines is filled in */
	struct footing **all;
	size_t count;
};

void footings_done(struct footings *footings);
#define auto_footings cleanup(footings_done)

/*
 * What the interface of this name stands on. That is told by what is below it; of a tunnel by the
 * route to its other end; of PPP by the line of its program. If none of this tells (a VPN's
 * program, the other end in another network namespace), each adapter with a carrier may be what it
 * stands on. The answer is kept in footings. If there is no interface of this name, it stands on
 * nothing.
 */
const struct footing *footing_of(struct footings *footings, const char *interface);

/* Has the interface no carrier? False if that is not known. */
bool footing_interface_is_dead(const struct host *host, const char *interface);
