/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/host.h"
#include "model/addr.h"

/* A serial line over which a program makes a network interface. */
struct serial_line {
	char *name;    /* heap: "ttyUSB0" */
	bool has_addr; /* false: of no PCI device */
	struct pci_addr addr;
};

struct serial_lines {
	struct serial_line *all;
	size_t count;
	bool others; /* a program of that kind has no such line: it uses something else */
};

void serial_lines_done(struct serial_lines *lines);

/*
 * The lines that pppd and its like have open. Looks at all processes, so for who has such an
 * interface only. What cannot be found out counts as "others".
 */
void serial_lines_read(const struct host *host, struct serial_lines *ret);
