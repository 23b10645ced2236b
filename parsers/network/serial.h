/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/host.h"
#include "model/addr.h"

/* A serial line over which a program makes a network interface. */
struct serial_line {
	char *name;    /* heap: "ttyUSB0" */
	bool has_addr; /* false: the line belongs to no PCI device */
	struct pci_addr addr;
};

struct serial_lines {
	struct serial_line *all;
	size_t count;
	bool others; /* a program of that kind has no line open: it uses something else */
};

void serial_lines_done(struct serial_lines *lines);

/*
 * The lines that pppd and programs like it have open. As this looks at all processes, it is only to
 * be called if there is an interface of PPP or SLIP. What cannot be found out counts as "others".
 */
void serial_lines_read(const struct host *host, struct serial_lines *ret);
