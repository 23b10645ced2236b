// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which elements of libvirt's QEMU namespace can hand a PCI device of the host to QEMU without
 * libvirt's knowing it. Tests: unit/test-domain-devices.c, model/test-cases.c.
 */
#include "parsers/domain/domain-qemu.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/domain/qemu-option.h"

#define NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

static bool is_qemus(const struct xml_node *element, const char *name)
{
	return text_equal(xml_namespace(element), NAMESPACE) &&
	       strcmp(xml_name(element), name) == 0;
}

static void add(struct guest *guest, const struct pci_addr *addr, const char *element,
		const struct xml_node *where)
{
	struct qemu_device device = {.addr = *addr, .element = element, .line = xml_line(where)};

	if (guest_qemu_device(guest, addr))
		return;
	array_push(guest->qemu_devices, guest->qemu_device_count, device);
}

/* Each <qemu:arg> is one word of QEMU's command line: an option, and behind it what it is given. */
static void read_commandline(const struct xml_node *commandline, struct guest *guest)
{
	auto_free char *option = NULL;

	for (const struct xml_node *arg = xml_first(commandline); arg; arg = xml_next(arg)) {
		auto_free char *value = NULL;
		struct pci_addr addr;

		if (!is_qemus(arg, "arg"))
			continue;
		value = xml_attr(arg, "value");
		if (option && value && qemu_option_device(option, value, &addr))
			add(guest, &addr, "qemu:commandline", arg);
		free(option);
		option = steal(&value);
	}
}

/* Another "host" for a device that libvirt makes: <qemu:device>, <qemu:frontend> in it. */
static void read_frontend(const struct xml_node *frontend, struct guest *guest)
{
	for (const struct xml_node *property = xml_first(frontend); property;
	     property = xml_next(property)) {
		auto_free char *name = xml_attr(property, "name");
		auto_free char *value = xml_attr(property, "value");
		struct pci_addr addr;

		if (is_qemus(property, "property") && name && value &&
		    qemu_property_device(name, value, &addr))
			add(guest, &addr, "qemu:override", property);
	}
}

static void read_override(const struct xml_node *override, struct guest *guest)
{
	for (const struct xml_node *device = xml_first(override); device; device = xml_next(device))
		for (const struct xml_node *node = xml_first(device); node; node = xml_next(node))
			if (is_qemus(device, "device") && is_qemus(node, "frontend"))
				read_frontend(node, guest);
}

void domain_qemu_read(const struct xml_node *element, struct guest *guest)
{
	if (is_qemus(element, "commandline"))
		read_commandline(element, guest);
	else if (is_qemus(element, "override"))
		read_override(element, guest);
}
