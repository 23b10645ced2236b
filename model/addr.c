// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a PCI address is spelled, by the kernel and by people, and compared.
 */
#include "model/addr.h"

#include <stdio.h>
#include <string.h>

#define NODE_DEVICE_PREFIX "pci_"

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

/* Libvirt's name of a node device: any other text gives what is no address either. */
static bool parse_node_device(const char *name, struct pci_addr *ret)
{
	char address[64];
	size_t breaks = 0;

	if (strncmp(name, NODE_DEVICE_PREFIX, strlen(NODE_DEVICE_PREFIX)) != 0 ||
	    name[strcspn(name, ":.")])
		return false;
	/* What is cut is too long for an address all the same. */
	snprintf(address, sizeof(address), "%.40s", name + strlen(NODE_DEVICE_PREFIX));
	for (char *at = strchr(address, '_'); at; at = strchr(at, '_'))
		*at = breaks++ < 2 ? ':' : '.';
	return pci_addr_parse(address, ret);
}

bool pci_addr_parse_given(const char *text, struct pci_addr *ret)
{
	char whole[64];

	snprintf(whole, sizeof(whole), "0000:%.40s", text);
	return pci_addr_parse(text, ret) || pci_addr_parse(whole, ret) ||
	       parse_node_device(text, ret);
}

bool pci_addr_is_root_bus_name(const char *name)
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

bool pci_addr_is_among(const struct pci_addr *addr, const struct pci_addr *addrs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pci_addr_equal(&addrs[i], addr))
			return true;
	return false;
}

void pci_addr_list(const struct pci_addr *addrs, size_t count, size_t most, struct text *out)
{
	size_t named = count <= most ? count : 2;

	for (size_t i = 0; i < named; i++)
		text_printf(out, "%s%s",
			    i == 0           ? ""
			    : i + 1 == count ? " and "
					     : ", ",
			    ADDR(&addrs[i]));
	if (count > named)
		text_printf(out, " and %zu more", count - named);
}
