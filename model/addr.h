/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* A PCI function's address. Domains are 32 bits wide in libvirt's XML and in VMD hosts' sysfs. */
struct pci_addr {
	uint32_t domain;
	uint8_t bus;
	uint8_t slot;     /* 0..31 */
	uint8_t function; /* 0..7 */
};

#define PCI_ADDR_TEXT_SIZE 20 /* "ffffffff:ff:1f.7" and a NUL, rounded up */

/* Spelled as sysfs does: "%04x:%02x:%02x.%d". Returns buffer. */
const char *pci_addr_format(const struct pci_addr *addr, char buffer[PCI_ADDR_TEXT_SIZE]);

/* A statement-expression-free way to use an address in a printf argument list. */
struct pci_addr_text {
	char text[PCI_ADDR_TEXT_SIZE];
};
struct pci_addr_text pci_addr_text(const struct pci_addr *addr);
#define ADDR(addr) (pci_addr_text(addr).text)

/* Exactly sysfs's spelling, nothing before or behind; false otherwise (*ret untouched). */
bool pci_addr_parse(const char *text, struct pci_addr *ret);

/*
 * As people give it: sysfs's spelling, the same without the domain where that is 0000 (lspci), or
 * the name of libvirt's node device, "pci_0000_01_00_0"; false otherwise (*ret untouched).
 */
bool pci_addr_parse_given(const char *text, struct pci_addr *ret);

/* Is it sysfs's name of a root bus, "pci0000:00"? */
bool pci_addr_is_root_bus_name(const char *name);

int pci_addr_compare(const struct pci_addr *a, const struct pci_addr *b);
bool pci_addr_equal(const struct pci_addr *a, const struct pci_addr *b);
bool pci_addr_same_slot(const struct pci_addr *a, const struct pci_addr *b);

bool pci_addr_is_among(const struct pci_addr *addr, const struct pci_addr *addrs, size_t count);

/* "0000:01:00.0, 0000:02:00.0 and 3 more": appends up to most addresses; of more, the first two. */
void pci_addr_list(const struct pci_addr *addrs, size_t count, size_t most, struct text *out);
