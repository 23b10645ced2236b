// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a device is called on its box: vendor and product from the system's pci.ids. The only file
 * that includes libpci, of which it uses the name list and nothing that looks at hardware.
 */
#include "parsers/pci/names.h"

#include <pci/pci.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/text.h"

LIBRARY_NOTE(LIBRARY_PCI, "names", "Calls devices by their names in messages", "recommended");

/* The functions of the library, and its list: opened where a message needs names. */
struct device_names {
	void *handle;
	struct pci_access *(*alloc)(void);
	void (*free)(struct pci_access *access);
	char *(*lookup)(struct pci_access *access, char *buffer, int size, int flags, ...);
	struct pci_access *access;
};

/* No udev: its names are made from the same list, and libpci 3.9 leaks when udev has none. */
#define LOOKUP_FLAGS (PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB)

#define NAME_MAX_BYTES 120 /* a line on a terminal has to hold an address and a sentence too */

/*
 * libpci calls error() for a damaged pci.ids and for want of memory, and is compiled in the belief
 * that it never comes back. Ending the process over a missing name is no answer, so the way out is
 * a jump to where names_fill began. There is no context argument, hence the static; each thread
 * jumps within itself.
 */
static _Thread_local jmp_buf name_list_broken;

__attribute__((noreturn)) static void on_error(char *message, ...)
{
	(void)message;
	longjmp(name_list_broken, 1);
}

static void on_message(char *message, ...)
{
	(void)message;
}

static void device_names_close(struct device_names *names)
{
	if (names->access)
		names->free(names->access);
	library_close(&names->handle);
}

static bool device_names_open(struct device_names *names)
{
	const struct library_symbol symbols[] = {
		{"pci_alloc", &names->alloc},
		{"pci_cleanup", &names->free},
		{"pci_lookup_name", &names->lookup},
	};

	if (library_open(LIBRARY_PCI, "libpci", symbols, sizeof(symbols) / sizeof(symbols[0]),
			 &names->handle, NULL) < 0)
		return false;
	names->access = names->alloc();
	/* Unset they are NULL until pci_init, which looks for hardware; lookups call them all. */
	names->access->error = on_error;
	names->access->warning = on_message;
	names->access->debug = on_message;
	/* By default names are also taken from a cache of DNS answers in the caller's home. */
	names->access->id_lookup_mode = 0;
	return true;
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

/* What a vendor's name loses nothing without: the words of its legal form. */
static const char *const legal_words[] = {
	"AG",           "CO",   "Co",    "Corp", "Corporation", "GmbH", "Inc", "INC.", "Inc.",
	"Incorporated", "LLC",  "LTD",   "Ltd",  "Limited",     "Pte",  "Pty", "S.A.", "SA",
	"Co.",          "Ltd.", "Corp.", "LTD.", "L.L.C.",      "Pte.", "CO.", "KG",   "&",
};

static bool is_legal_word(const char *word)
{
	for (size_t i = 0; i < sizeof(legal_words) / sizeof(*legal_words); i++)
		if (strcmp(word, legal_words[i]) == 0)
			return true;
	return false;
}

/* "Gigabyte Technology Co., Ltd" -> "Gigabyte Technology"; the first word always stays. */
static void vendor_cut_form(char *vendor)
{
	size_t length = strlen(vendor), word;

	for (;;) {
		for (word = length; word > 0 && !strchr(" ,", vendor[word - 1]); word--)
			;
		if (word == 0 || !is_legal_word(vendor + word))
			return;
		for (length = word; length > 0 && strchr(" ,", vendor[length - 1]); length--)
			;
		if (length == 0)
			return;
		vendor[length] = '\0';
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
static char *name_join(const struct device_names *names, unsigned int vendor_id,
		       unsigned int product_id, const char *product)
{
	char vendor_text[256], *name;
	const char *vendor;

	vendor = names->lookup(names->access, vendor_text, sizeof(vendor_text),
			       LOOKUP_FLAGS | PCI_LOOKUP_VENDOR, vendor_id);
	if (!vendor)
		return NULL;
	vendor = vendor_short(vendor_text);
	vendor_cut_form(vendor_text);
	if (product)
		name = xasprintf("%s %s", vendor, product);
	else
		name = xasprintf("%s [%04x:%04x]", vendor, vendor_id, product_id);
	name_clean(name);
	name_cut(name);
	return name;
}

static char *name_find(const struct device_names *names, unsigned int vendor, unsigned int product)
{
	char text[256];

	return name_join(names, vendor, product,
			 names->lookup(names->access, text, sizeof(text),
				       LOOKUP_FLAGS | PCI_LOOKUP_DEVICE, vendor, product));
}

static char *board_find(const struct device_names *names, const struct pin *pin)
{
	char text[256];

	return name_join(names, pin->subvendor, pin->subproduct,
			 names->lookup(names->access, text, sizeof(text),
				       LOOKUP_FLAGS | PCI_LOOKUP_SUBSYSTEM | PCI_LOOKUP_DEVICE,
				       pin->vendor, pin->product, pin->subvendor, pin->subproduct));
}

static void pin_fill(const struct device_names *names, struct pin *pin)
{
	auto_free char *name = name_find(names, pin->vendor, pin->product);
	auto_free char *board = pin->subvendor ? board_find(names, pin) : NULL;
	char text[256];
	const char *kind = names->lookup(names->access, text, sizeof(text),
					 LOOKUP_FLAGS | PCI_LOOKUP_CLASS, pin->class_code >> 8);

	snprintf(pin->name, sizeof(pin->name), "%s", name ? name : "");
	snprintf(pin->board, sizeof(pin->board), "%s", board ? board : "");
	device_name_shorten(pin->kind, sizeof(pin->kind), kind ? kind : "", sizeof(pin->kind) - 1,
			    false);
	name_clean(pin->kind);
}

static void fill_all(const struct device_names *names, struct snapshot *snapshot)
{
	const struct device *last = NULL;

	for (size_t i = 0; i < snapshot->device_count; i++) {
		struct device *device = &snapshot->devices[i];

		if (device->name)
			continue;
		/* Neighbours are often alike: virtual functions, the lines of a chip. */
		if (last && last->vendor == device->vendor && last->product == device->product)
			device->name = xstrdup(last->name);
		else
			device->name = name_find(names, device->vendor, device->product);
		last = device;
	}
	for (size_t i = 0; i < snapshot->pins.count; i++)
		pin_fill(names, &snapshot->pins.items[i]);
}

void names_fill(struct snapshot *snapshot)
{
	cleanup(device_names_close) struct device_names names = {0};

	if (device_names_open(&names) && setjmp(name_list_broken) == 0)
		fill_all(&names, snapshot);
}

/* --- ahead --- */

struct names_ahead {
	struct device_names names;
	pthread_t thread;
	bool reads; /* the thread is not joined yet */
	bool broken;
};

/* The first name that is asked for has the whole list read. */
static void *read_list(void *data)
{
	struct names_ahead *ahead = data;
	char text[64];

	if (setjmp(name_list_broken) == 0)
		ahead->names.lookup(ahead->names.access, text, sizeof(text),
				    LOOKUP_FLAGS | PCI_LOOKUP_VENDOR, 0x8086);
	else
		ahead->broken = true;
	return NULL;
}

/*
 * The library is opened before the thread begins: a process that is forked while a library is being
 * opened can never open any.
 */
struct names_ahead *names_read_ahead(void)
{
	struct names_ahead *ahead = xcalloc(1, sizeof(*ahead));

	if (device_names_open(&ahead->names)) {
		ahead->reads = pthread_create(&ahead->thread, NULL, read_list, ahead) == 0;
		return ahead;
	}
	names_ahead_done(&ahead);
	return NULL;
}

static void wait_for_list(struct names_ahead *ahead)
{
	if (ahead->reads)
		pthread_join(ahead->thread, NULL);
	ahead->reads = false;
}

void names_ahead_done(struct names_ahead **ahead)
{
	if (!*ahead)
		return;
	wait_for_list(*ahead);
	device_names_close(&(*ahead)->names);
	free(*ahead);
	*ahead = NULL;
}

void names_fill_ahead(struct names_ahead *ahead, struct snapshot *snapshot)
{
	if (!ahead)
		return;
	wait_for_list(ahead);
	if (!ahead->broken && setjmp(name_list_broken) == 0)
		fill_all(&ahead->names, snapshot);
}
