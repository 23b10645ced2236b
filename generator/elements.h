/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "model/device.h"

/*
 * What a guest's definition needs to have devices of this host: libvirt's elements, or QEMU's
 * arguments.
 */
struct elements_wishes {
	bool as_qemu;
	bool iommufd;
	const char *driver; /* the exact VFIO driver, of letters, digits, "_" and "-"; or NULL */
	/*
	 * The first place in the guest for a device of several functions. Bus 0: the places are the
	 * slots of this bus from there on, on any type of machine. Any other: each place is slot 0
	 * of a bus of its own behind a PCIe root port. Libvirt adds the ports that are missing, on
	 * machines of the type q35 (seen with libvirt 9.0; for the type pc it refuses slot 0).
	 */
	unsigned int bus, slot;
};

/* Guests of virt-manager use about as many of the lower buses. */
#define ELEMENTS_BUS 0x10

struct element {
	const struct device *device; /* NULL: something that the devices behind it need */
	char *text;                  /* heap; one line or more, with a newline at the end */
};

struct elements {
	struct element *items; /* heap */
	size_t count;
};
void elements_done(struct elements *elements);
#define auto_elements __attribute__((__cleanup__(elements_done)))

/*
 * devices: ascending by address, none twice. Functions of one slot become functions of one slot of
 * the guest, but virtual functions, which are devices of their own. A slot needs a function 0:
 * where the host's is not among them they are counted anew. In XML a device of one function gets no
 * address in the guest, and libvirt finds a place for it. ERANGE: more devices than places.
 */
int elements_make(const struct device *const *devices, size_t count,
		  const struct elements_wishes *wishes, struct elements *ret, struct error *err);

/* Of a device, as a comment in XML. */
void elements_add_comment(const struct device *device, struct text *out);
