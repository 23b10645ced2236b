// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a device is called on its box: vendor and product from the system's pci.ids. The only file
 * that includes libpci, of which it uses the name list and nothing that looks at hardware.
 */
#include "parsers/names.h"

#include <pci/pci.h>
#include <setjmp.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* No udev: its names are made from the same list, and libpci 3.9 leaks when udev has none. */
#define LOOKUP_FLAGS (PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB)

#define NAME_MAX_BYTES 120 /* a line on a terminal has to hold an address and a sentence too */

/*
 * libpci calls error() for a damaged pci.ids and for want of memory, and is compiled in the belief
 * that it never comes back. Ending the process over a missing name is no answer, so the way out is
 * a jump to where names_fill began. There is no context argument, hence the static.
 */
static jmp_buf name_list_broken;

__attribute__((noreturn)) static void on_error(char *message, ...)
{
	(void)message;
	longjmp(name_list_broken, 1);
}

static void on_message(char *message, ...)
{
	(void)message;
}

static void access_free(struct pci_access **access)
{
	if (*access)
		pci_cleanup(*access);
}

/* "Advanced Micro Devices, Inc. [AMD/ATI]" -> "AMD/ATI": the short form, where there is one. */
static const char *vendor_short(char *vendor)
{
	size_t length = strlen(vendor);
	char *open = strrchr(vendor, '[');

	if (!open || vendor[length - 1] != ']' || length - (size_t)(open - vendor) > length / 2)
		return vendor;
	vendor[length - 1] = '\0';
	return open + 1;
}

/* What a vendor's name loses nothing without: its legal form. The longer of two comes first. */
static const char *const legal_forms[] = {
	" Co., Ltd.", " Co. Ltd.", " Co Ltd", " Corporation", " Corp.", " Technology Inc.",
	", Inc.",     ", Inc",     " Inc.",   " Inc",         ", Ltd.", " Ltd.",
	" Ltd",       " Limited",  " GmbH",   " AG",          " S.A.",  " LLC",
};

static void vendor_cut_form(char *vendor)
{
	size_t length = strlen(vendor);

	for (size_t i = 0; i < sizeof(legal_forms) / sizeof(*legal_forms); i++) {
		size_t form = strlen(legal_forms[i]);

		if (length > form && strcmp(vendor + length - form, legal_forms[i]) == 0) {
			vendor[length - form] = '\0';
			return;
		}
	}
}

/* Blanks for control characters, those of ISO 8859 in UTF-8 (C2 80 to C2 9F) included. */
static void name_clean(char *name)
{
	for (unsigned char *at = (unsigned char *)name; *at; at++) {
		if (*at < 0x20 || *at == 0x7f)
			*at = ' ';
		else if (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
			at[0] = at[1] = ' ';
	}
}

static void name_cut(char *name)
{
	size_t at = NAME_MAX_BYTES - strlen("...");

	if (strlen(name) <= NAME_MAX_BYTES)
		return;
	/* Back to where a character of UTF-8 begins. */
	while (at > 0 && ((unsigned char)name[at] & 0xc0) == 0x80)
		at--;
	strcpy(name + at, "...");
}

/* Heap, or NULL where not even the vendor is known. */
static char *name_find(struct pci_access *access, const struct device *device)
{
	char vendor_text[256], product_text[256], *name;
	const char *vendor, *product;

	vendor = pci_lookup_name(access, vendor_text, sizeof(vendor_text),
				 LOOKUP_FLAGS | PCI_LOOKUP_VENDOR, device->vendor);
	if (!vendor)
		return NULL;
	vendor = vendor_short(vendor_text);
	vendor_cut_form(vendor_text);
	product =
		pci_lookup_name(access, product_text, sizeof(product_text),
				LOOKUP_FLAGS | PCI_LOOKUP_DEVICE, device->vendor, device->product);
	if (product)
		name = xasprintf("%s %s", vendor, product);
	else
		name = xasprintf("%s [%04x:%04x]", vendor, device->vendor, device->product);
	name_clean(name);
	name_cut(name);
	return name;
}

static void fill_all(struct pci_access *access, struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (!snapshot->devices[i].name)
			snapshot->devices[i].name = name_find(access, &snapshot->devices[i]);
}

void names_fill(struct snapshot *snapshot)
{
	cleanup(access_free) struct pci_access *access = pci_alloc();

	/* Unset they are NULL until pci_init, which looks for hardware; lookups call them all. */
	access->error = on_error;
	access->warning = on_message;
	access->debug = on_message;
	/* By default names are also taken from a cache of DNS answers in the caller's home. */
	access->id_lookup_mode = 0;
	if (setjmp(name_list_broken) == 0)
		fill_all(access, snapshot);
}
