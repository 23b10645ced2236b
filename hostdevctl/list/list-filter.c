// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people may say to see less than everything, and what they call the classes of devices.
 * Tests: ctl/list.bats.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostdevctl/list/list.h"

/* --- classes --- */

/* 0xff as the subclass: whatever else is of that base class. */
static const struct {
	unsigned int class_code;
	const char *name;
} classes[] = {
	{0x0100, "SCSI"},
	{0x0101, "IDE"},
	{0x0104, "RAID"},
	{0x0106, "SATA"},
	{0x0107, "SAS"},
	{0x0108, "NVMe"},
	{0x01ff, "storage"},
	{0x0200, "Ethernet"},
	{0x0207, "InfiniBand"},
	{0x02ff, "network"},
	{0x0300, "VGA"},
	{0x0302, "3D"},
	{0x03ff, "display"},
	{0x0400, "video"},
	{0x0401, "audio"},
	{0x0403, "audio"},
	{0x04ff, "multimedia"},
	{0x0502, "CXL memory"},
	{0x05ff, "memory"},
	{0x0600, "host bridge"},
	{0x0601, "ISA bridge"},
	{0x0604, "PCI bridge"},
	{0x06ff, "bridge"},
	{0x0700, "serial port"},
	{0x0703, "modem"},
	{0x07ff, "communication"},
	{0x0805, "SD card"},
	{0x0806, "IOMMU"},
	{0x08ff, "system"},
	{0x09ff, "input"},
	{0x0aff, "docking station"},
	{0x0bff, "processor"},
	{0x0c00, "FireWire"},
	{0x0c03, "USB"},
	{0x0c04, "Fibre Channel"},
	{0x0c05, "SMBus"},
	{0x0c06, "InfiniBand"},
	{0x0c07, "IPMI"},
	{0x0cff, "serial bus"},
	{0x0dff, "wireless"},
	{0x10ff, "encryption"},
	{0x11ff, "signal processing"},
	{0x12ff, "accelerator"},
};

const char *list_class_name(uint32_t class_code)
{
	unsigned int class = class_code >> 8;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (classes[i].class_code == class || classes[i].class_code == (class | 0xff))
			return classes[i].name;
	return "other";
}

static bool is_gpu(uint32_t class_code)
{
	return class_code >> 16 == 0x03 || class_code >> 16 == 0x12;
}

static bool is_net(uint32_t class_code)
{
	return class_code >> 16 == 0x02 || class_code >> 16 == 0x0d || class_code >> 8 == 0x0c06;
}

static bool is_storage(uint32_t class_code)
{
	return class_code >> 16 == 0x01 || class_code >> 8 == 0x0805 || class_code >> 8 == 0x0c04;
}

static bool is_usb(uint32_t class_code)
{
	return class_code >> 8 == 0x0c03;
}

/* Not what only takes pictures. */
static bool is_audio(uint32_t class_code)
{
	return class_code >> 16 == 0x04 && class_code >> 8 != 0x0400;
}

static const struct {
	const char *word;
	bool (*has_class)(uint32_t class_code);
} class_filters[] = {
	{"gpu", is_gpu}, {"net", is_net},     {"storage", is_storage},
	{"usb", is_usb}, {"audio", is_audio},
};

/* --- what was given --- */

void list_filters_done(struct list_filters *filters)
{
	free(filters->filters);
	memset(filters, 0, sizeof(*filters));
}

static void add(struct list_filters *filters, struct list_filter filter)
{
	array_push(filters->filters, filters->count, filter);
}

void list_filters_add_class(struct list_filters *filters, const char *word)
{
	for (size_t i = 0; i < sizeof(class_filters) / sizeof(class_filters[0]); i++)
		if (strcmp(class_filters[i].word, word) == 0)
			add(filters, (struct list_filter){.kind = LIST_BY_CLASS,
							  .text = class_filters[i].word,
							  .has_class = class_filters[i].has_class});
}

static bool parse_group(const char *text, int *ret)
{
	char *end;
	long group = strtol(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || group > INT32_MAX)
		return false;
	*ret = (int)group;
	return true;
}

/* "10de:2204", or "10de:" for all of that vendor. */
static bool parse_id(const char *text, unsigned int *ret_vendor, int *ret_product)
{
	size_t product = strspn(text, "0123456789abcdefABCDEF");

	if (product != 4 || text[4] != ':')
		return false;
	if (text[5] && (strspn(text + 5, "0123456789abcdefABCDEF") != 4 || text[9]))
		return false;
	*ret_vendor = (unsigned int)strtoul(text, NULL, 16);
	*ret_product = text[5] ? (int)strtoul(text + 5, NULL, 16) : -1;
	return true;
}

void list_filters_add(struct list_filters *filters, const char *argument)
{
	struct list_filter filter = {.kind = LIST_BY_TEXT, .text = argument};

	if (pci_addr_parse_given(argument, &filter.addr))
		filter.kind = LIST_BY_ADDRESS;
	else if (parse_group(argument, &filter.group))
		filter.kind = LIST_BY_GROUP;
	else if (parse_id(argument, &filter.vendor, &filter.product))
		filter.kind = LIST_BY_ID;
	add(filters, filter);
}

bool list_filters_need_names(const struct list_filters *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		if (filters->filters[i].kind == LIST_BY_TEXT)
			return true;
	return false;
}

static bool matches(const struct list_filter *filter, const struct device *device)
{
	switch (filter->kind) {
	case LIST_BY_CLASS:
		return filter->has_class(device->class_code);
	case LIST_BY_ADDRESS:
		return pci_addr_equal(&filter->addr, &device->addr);
	case LIST_BY_GROUP:
		return device->group == filter->group;
	case LIST_BY_ID:
		return device->vendor == filter->vendor &&
		       (filter->product < 0 || device->product == (unsigned int)filter->product);
	case LIST_BY_TEXT:
		break;
	}
	return device->name && strcasestr(device->name, filter->text);
}

bool list_filters_match(struct list_filters *filters, const struct device *device)
{
	bool any = filters->count == 0;

	for (size_t i = 0; i < filters->count; i++)
		if (matches(&filters->filters[i], device)) {
			filters->filters[i].matched = true;
			any = true;
		}
	return any;
}

bool list_filters_match_hidden(struct list_filters *filters, const struct pci_addr *addr)
{
	bool any = filters->count == 0;

	for (size_t i = 0; i < filters->count; i++) {
		struct list_filter *filter = &filters->filters[i];

		if (filter->kind != LIST_BY_CLASS &&
		    (filter->kind != LIST_BY_ADDRESS || !pci_addr_equal(&filter->addr, addr)))
			continue;
		filter->matched = true;
		any = true;
	}
	return any;
}
