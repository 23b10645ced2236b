// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a guest's definition names devices of this host, in libvirt's words and in QEMU's, and where
 * in the guest they are.
 */
#include "generator/elements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define BUSES 0x100u
#define SLOTS 0x20u

void elements_done(struct elements *elements)
{
	for (size_t i = 0; i < elements->count; i++)
		free(elements->items[i].text);
	free(elements->items);
	memset(elements, 0, sizeof(*elements));
}

/* Takes over what is in text. */
static void elements_add(struct elements *elements, const struct device *device, struct text *text)
{
	array_push(elements->items, elements->count,
		   (struct element){.device = device, .text = text->data});
	*text = (struct text)TEXT_INIT;
}

/* --- where in the guest --- */

/* Devices that are functions of one slot in the guest. */
struct slot {
	const struct device *const *devices;
	size_t count;
	unsigned int bus, slot;
	unsigned int index; /* of all places that were used */
};

/* The kernel numbers virtual functions as their card says: their slots mean nothing. */
static size_t count_slot(const struct device *const *devices, size_t count)
{
	size_t same = 1;

	if (devices[0]->is_vf)
		return 1;
	while (same < count && !devices[same]->is_vf &&
	       pci_addr_same_slot(&devices[same]->addr, &devices[0]->addr))
		same++;
	return same;
}

static unsigned int function_in_guest(const struct slot *slot, size_t index)
{
	return slot->devices[0]->addr.function == 0 ? slot->devices[index]->addr.function
						    : (unsigned int)index;
}

static bool is_multifunction(const struct slot *slot, unsigned int function)
{
	return slot->count > 1 && function == 0;
}

static bool has_place(const struct elements_wishes *wishes, unsigned int index)
{
	return wishes->bus == 0 ? wishes->slot + index < SLOTS : wishes->bus + index < BUSES;
}

/* --- libvirt --- */

void elements_add_comment(const struct device *device, struct text *out)
{
	auto_free char *label = text_escape(LABEL(device));

	text_printf(out, "<!-- ");
	/* XML allows no two dashes within a comment. */
	for (const char *at = label; *at; at++)
		text_printf(out, at[0] == '-' && at[1] == '-' ? "%c " : "%c", *at);
	text_printf(out, " -->\n");
}

static void add_driver(const struct elements_wishes *wishes, struct text *out)
{
	if (!wishes->driver && !wishes->iommufd)
		return;
	text_printf(out, "  <driver");
	if (wishes->driver)
		text_printf(out, " model='%s'", wishes->driver);
	text_printf(out, "%s/>\n", wishes->iommufd ? " iommufd='yes'" : "");
}

static void add_xml(const struct slot *slot, size_t index, const struct elements_wishes *wishes,
		    struct text *out)
{
	const struct pci_addr *addr = &slot->devices[index]->addr;
	unsigned int function = function_in_guest(slot, index);

	text_printf(out, "<hostdev mode='subsystem' type='pci' managed='yes'>\n");
	add_driver(wishes, out);
	text_printf(out,
		    "  <source>\n"
		    "    <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
		    "  </source>\n",
		    addr->domain, addr->bus, addr->slot, addr->function);
	if (slot->count > 1)
		text_printf(out,
			    "  <address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' "
			    "function='0x%x'%s/>\n",
			    slot->bus, slot->slot, function,
			    is_multifunction(slot, function) ? " multifunction='on'" : "");
	text_printf(out, "</hostdev>\n");
}

/* --- QEMU --- */

static void add_qemu(const struct slot *slot, size_t index, const struct elements_wishes *wishes,
		     struct text *out)
{
	unsigned int function = function_in_guest(slot, index);

	text_printf(out, "-device vfio-pci,host=%s,", ADDR(&slot->devices[index]->addr));
	if (slot->bus > 0)
		text_printf(out, "bus=hostdev%u,", slot->index);
	text_printf(out, "addr=%02x.%x%s%s\n", slot->slot, function,
		    is_multifunction(slot, function) ? ",multifunction=on" : "",
		    wishes->iommufd ? ",iommufd=iommufd0" : "");
}

static void add_port(const struct slot *slot, struct elements *elements)
{
	struct text text = TEXT_INIT;

	text_printf(&text, "-device pcie-root-port,id=hostdev%u,chassis=%u\n", slot->index,
		    slot->bus);
	elements_add(elements, NULL, &text);
}

static void add_iommufd(struct elements *elements)
{
	struct text text = TEXT_INIT;

	text_printf(&text, "-object iommufd,id=iommufd0\n");
	elements_add(elements, NULL, &text);
}

/* --- all of them --- */

static void add_slot(const struct slot *slot, const struct elements_wishes *wishes,
		     struct elements *elements)
{
	if (wishes->as_qemu && slot->bus > 0)
		add_port(slot, elements);
	for (size_t i = 0; i < slot->count; i++) {
		struct text text = TEXT_INIT;

		(wishes->as_qemu ? add_qemu : add_xml)(slot, i, wishes, &text);
		elements_add(elements, slot->devices[i], &text);
	}
}

int elements_make(const struct device *const *devices, size_t count,
		  const struct elements_wishes *wishes, struct elements *ret, struct error *err)
{
	auto_elements struct elements elements = {0};
	unsigned int index = 0;
	size_t same;

	if (wishes->as_qemu && wishes->iommufd)
		add_iommufd(&elements);
	for (size_t i = 0; i < count; i += same) {
		struct slot slot = {.devices = devices + i, .index = index};
		bool placed;

		same = count_slot(devices + i, count - i);
		placed = same > 1 || wishes->as_qemu;
		if (placed && !has_place(wishes, index))
			return error_set(err, ERANGE,
					 "from place %02x:%02x on the guest has no room for all "
					 "these devices",
					 wishes->bus, wishes->slot);
		slot.count = same;
		slot.bus = wishes->bus == 0 ? 0 : wishes->bus + index;
		slot.slot = wishes->bus == 0 ? wishes->slot + index : 0;
		add_slot(&slot, wishes, &elements);
		index += placed;
	}
	*ret = elements;
	memset(&elements, 0, sizeof(elements));
	return 0;
}
