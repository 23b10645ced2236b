/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "model/device.h"

/*
 * What stood at an address when it was first lent to a guest. Kept below /var/lib/hostdev-hook as
 * UUID.pins, a line each:
 *
 *   hostdev-hook pins 1
 *   guest win11
 *   pin 0000:01:00.0 10de:2204:1458:403b class=030000 [serial=nvme:S467NX0M]
 */
struct pin {
	struct pci_addr addr;
	uint16_t vendor, product, subvendor, subproduct;
	uint32_t class_code;
	char serial[64]; /* as in struct device; "" where the device tells none */
	/*
	 * What people call it: the product, the board that it stands on, its kind. As in
	 * device->name; "" where that is not known. They are kept in no file.
	 */
	char name[128], board[128], kind[64];
};

#define PINS_DIR "hostdev-hook" /* below /var/lib */
#define PINS_SUFFIX ".pins"

/* The pins of one guest, an address once. Zero: none. */
struct pins {
	struct pin *items;
	size_t count;
};

void pins_done(struct pins *pins);
void pins_add(struct pins *pins, const struct pin *pin);

/* NULL: no pin of that address. */
const struct pin *pins_find(const struct pins *pins, const struct pci_addr *addr);

void pin_of_device(const struct device *device, struct pin *ret);

/*
 * Is it the same device? A serial counts only where both have one from the same source (a disk on
 * vfio-pci does not tell its own).
 */
bool pin_matches(const struct pin *pin, const struct device *device);

/* "S467NX0M": the number without where it is from; "" without any. */
const char *pin_serial(const struct pin *pin);

/* "10de:2204:1458:403b class 030000 serial S467NX0M", for people. */
void pin_format(const struct pin *pin, struct text *out);

/*
 * "0000:01:00.0 10de:2204:1458:403b class=030000 serial=nvme:S467NX0M", as in a line, both ways.
 * The serial number stays the last, as it goes on to the end. A later version may have its words
 * (see model/later.h) right behind the class.
 */
void pin_write(const struct pin *pin, struct text *out);
bool pin_parse(const char *line, struct pin *ret);

/* The file's text, both ways. EBADMSG with the line's number. *ret: pins_done. */
void pins_write(const char *guest, const struct pins *pins, struct text *out);
int pins_parse(const char *data, size_t length, struct pins *ret, struct error *err);
