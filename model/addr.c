// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a PCI address is spelled and compared.
 */
#include "model/addr.h"

#include <stdio.h>
#include <string.h>

const char *pci_addr_format(const struct pci_addr *addr, char buffer[PCI_ADDR_TEXT_SIZE])
{
	snprintf(buffer, PCI_ADDR_TEXT_SIZE, "%04x:%02x:%02x.%d", addr->domain, addr->bus,
		 addr->slot & 0x1f, addr->function & 7);
	return buffer;
}

struct pci_addr_text pci_addr_text(const struct pci_addr *addr)
{
	struct pci_addr_text result;

	pci_addr_format(addr, result.text);
	return result;
}

bool pci_addr_parse(const char *text, struct pci_addr *ret)
{
	char again[PCI_ADDR_TEXT_SIZE];
	unsigned int domain, bus, slot, function;
	struct pci_addr addr;

	if (sscanf(text, "%8x:%2x:%2x.%1u", &domain, &bus, &slot, &function) != 4)
		return false;
	if (bus > 0xff || slot > 0x1f || function > 7)
		return false;
	addr = (struct pci_addr){domain, (uint8_t)bus, (uint8_t)slot, (uint8_t)function};
	/* Formatting it again refuses every other spelling at once. */
	if (strcmp(pci_addr_format(&addr, again), text) != 0)
		return false;
	*ret = addr;
	return true;
}

bool pci_is_root_bus(const char *name)
{
	struct pci_addr first;
	char address[64];

	if (strncmp(name, "pci", 3) != 0)
		return false;
	snprintf(address, sizeof(address), "%.40s:00.0", name + 3);
	return pci_addr_parse(address, &first);
}

int pci_addr_compare(const struct pci_addr *a, const struct pci_addr *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->bus != b->bus)
		return a->bus < b->bus ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return (int)a->function - (int)b->function;
}

bool pci_addr_equal(const struct pci_addr *a, const struct pci_addr *b)
{
	return pci_addr_compare(a, b) == 0;
}

bool pci_addr_same_slot(const struct pci_addr *a, const struct pci_addr *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot;
}
