// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a domain XML names host PCI devices, and what libvirt makes of each place.
 */
#include "parsers/domain/domain.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/cell.h"
#include "parsers/domain/domain-images.h"
#include "parsers/domain/domain-memory.h"
#include "parsers/domain/domain-policy.h"
#include "parsers/domain/domain-qemu.h"
#include "parsers/domain/domain-value.h"
#include "parsers/domain/xml.h"

/* What the walk over one document carries along. */
struct domain_reader {
	struct guest *guest;
	bool iommufd;                  /* what holds for a device that says nothing of it */
	const struct xml_node *policy; /* our element, once met */
	struct error *err;
};

/* --- host devices --- */

/*
 * The numbers default to 0, and so does the whole address where libvirt lets it be absent. Libvirt
 * checks no range while domain, bus and slot are all 0, so that function 9 of 0000:00:00 would
 * pass; no such function exists, so it does not pass here.
 */
static int read_address(struct domain_reader *reader, const struct xml_node *address,
			struct pci_addr *ret)
{
	static const struct {
		const char *name;
		uint32_t max;
	} fields[] = {{"domain", UINT32_MAX}, {"bus", 0xff}, {"slot", 0x1f}, {"function", 7}};
	uint64_t values[4] = {0};

	for (size_t i = 0; i < 4; i++) {
		auto_free char *text = xml_attr(address, fields[i].name);

		if (text && !domain_value_number(text, 0, fields[i].max, &values[i]))
			return xml_refuse(address, fields[i].name, text, reader->err,
					  "not a number from 0 to 0x%x", fields[i].max);
	}
	*ret = (struct pci_addr){.domain = (uint32_t)values[0],
				 .bus = (uint8_t)values[1],
				 .slot = (uint8_t)values[2],
				 .function = (uint8_t)values[3]};
	return 0;
}

/*
 * Since libvirt 12.2 iommufd can be asked for once for all devices. An fdgroup names descriptors
 * that somebody else opens for the guest: they are the same kernel's.
 */
static bool wants_iommufd(const struct xml_node *root)
{
	const struct xml_node *iommufd = xml_find(root, "iommufd");
	auto_free char *enabled = xml_attr(iommufd, "enabled");
	auto_free char *fdgroup = xml_attr(iommufd, "fdgroup");

	return enabled ? strcmp(enabled, "yes") == 0 : fdgroup != NULL;
}

/* It becomes part of a path and of a line of the journal. */
static int check_model(const struct xml_node *driver, const char *model, struct error *err)
{
	if (!model || module_name_valid(model))
		return 0;
	return xml_refuse(driver, "model", model, err, "not the name of a driver");
}

static int hostdev_add(struct domain_reader *reader, const struct xml_node *place,
		       enum hostdev_kind kind, bool managed)
{
	const struct xml_node *address = xml_find(xml_find(place, "source"), "address");
	const struct xml_node *driver = xml_find(place, "driver");
	struct hostdev hostdev = {.kind = kind, .managed = managed, .line = xml_line(place)};
	struct guest *guest = reader->guest;
	int result;

	result = read_address(reader, address, &hostdev.addr);
	if (result < 0)
		return result;
	/* The driver of a disk is QEMU's block driver, no driver of the host. */
	if (kind != HOSTDEV_NVME) {
		auto_free char *model = xml_attr(driver, "model");

		result = check_model(driver, model, reader->err);
		if (result < 0)
			return result;
		hostdev.driver_name = xml_attr(driver, "name");
		hostdev.driver_model = steal(&model);
		hostdev.iommufd = xml_attr_is(driver, "iommufd", "yes") ||
				  (reader->iommufd && !xml_attr_is(driver, "iommufd", "no"));
	}
	array_push(guest->hostdevs, guest->hostdev_count, hostdev);
	return 0;
}

static int read_hostdev(struct domain_reader *reader, const struct xml_node *node)
{
	auto_free char *type = xml_attr(node, "type");
	auto_free char *mode = xml_attr(node, "mode");

	if (!type)
		return xml_refuse(node, NULL, NULL, reader->err, "no type");
	if (strcmp(type, "pci") != 0 || text_equal(mode, "capabilities"))
		return 0;
	if (mode && strcmp(mode, "subsystem") != 0)
		return xml_refuse(node, "mode", mode, reader->err, "unknown mode");
	if (!xml_find(node, "source"))
		return xml_refuse(node, NULL, NULL, reader->err, "no <source>");
	/* Without an <address> in it, this is 0000:00:00.0 to libvirt. */
	return hostdev_add(reader, node, HOSTDEV_HOSTDEV, xml_attr_is(node, "managed", "yes"));
}

static int read_interface(struct domain_reader *reader, const struct xml_node *node)
{
	const struct xml_node *source = xml_find(node, "source");
	auto_free char *type = xml_attr(xml_find(source, "address"), "type");

	if (!xml_attr_is(node, "type", "hostdev"))
		return 0;
	if (!type || !*type) {
		/* Libvirt takes a vendor without a type for a USB device. */
		if (xml_find(source, "vendor"))
			return 0;
		return xml_refuse(node, NULL, NULL, reader->err,
				  "no <source> with an <address type='pci'>");
	}
	if (strcmp(type, "pci") != 0)
		return 0;
	return hostdev_add(reader, node, HOSTDEV_INTERFACE, xml_attr_is(node, "managed", "yes"));
}

/* What libvirt demands of an NVMe source. *managed keeps its value where the XML gives none. */
static int read_nvme_source(struct domain_reader *reader, const struct xml_node *source,
			    bool *managed)
{
	auto_free char *type = xml_attr(source, "type");
	auto_free char *namespace = xml_attr(source, "namespace");
	auto_free char *yes = xml_attr(source, "managed");
	uint64_t number = 0;

	if (!text_equal(type, "pci"))
		return xml_refuse(source, type ? "type" : NULL, type, reader->err,
				  "the source of an NVMe disk needs type='pci'");
	if (!namespace)
		return xml_refuse(source, NULL, NULL, reader->err, "no namespace");
	if (!domain_value_number(namespace, 10, UINT64_MAX, &number) || !number)
		return xml_refuse(source, "namespace", namespace, reader->err,
				  "not a number from 1 up");
	if (yes && strcmp(yes, "yes") != 0 && strcmp(yes, "no") != 0)
		return xml_refuse(source, "managed", yes, reader->err, "neither yes nor no");
	if (!xml_find(source, "address"))
		return xml_refuse(source, NULL, NULL, reader->err, "no <address>");
	if (yes)
		*managed = strcmp(yes, "yes") == 0;
	return 0;
}

/* A disk, backing store or mirror of type nvme. */
static int read_nvme(struct domain_reader *reader, const struct xml_node *store, bool managed)
{
	const struct xml_node *source = xml_find(store, "source");
	int result;

	if (!source)
		return xml_refuse(store, NULL, NULL, reader->err, "no <source>");
	result = read_nvme_source(reader, source, &managed);
	if (result < 0)
		return result;
	return hostdev_add(reader, store, HOSTDEV_NVME, managed);
}

/* A backing store or mirror and what lies below it; one without a type ends the chain. */
static int read_chain(struct domain_reader *reader, const struct xml_node *store)
{
	for (; store; store = xml_find(store, "backingStore")) {
		auto_free char *type = xml_attr(store, "type");
		int result = 0;

		if (!type)
			return 0;
		if (strcmp(type, "nvme") == 0)
			result = read_nvme(reader, store, false);
		if (result < 0)
			return result;
	}
	return 0;
}

static int read_disk_itself(struct domain_reader *reader, const struct xml_node *node)
{
	auto_free char *device = xml_attr(node, "device");

	if (!xml_attr_is(node, "type", "nvme"))
		return 0;
	/* A drive without a medium: libvirt forgets the type. */
	if (!xml_find(node, "source") && device && strcmp(device, "disk") != 0)
		return 0;
	/* Libvirt makes "yes" of an absent managed for the disk itself, not for its chain. */
	return read_nvme(reader, node, true);
}

static int read_disk(struct domain_reader *reader, const struct xml_node *node)
{
	const struct xml_node *backing = xml_find(node, "backingStore");
	const struct xml_node *mirror = xml_find(node, "mirror");
	int result = read_disk_itself(reader, node);

	domain_images_of_disk(node, reader->guest);
	/* In the order in which they stand. */
	for (const struct xml_node *child = xml_first(node); child && !result;
	     child = xml_next(child))
		if (child == backing || child == mirror)
			result = read_chain(reader, child);
	return result;
}

static int read_devices(struct domain_reader *reader, const struct xml_node *devices)
{
	int result = 0;

	for (const struct xml_node *node = xml_first(devices); node && !result;
	     node = xml_next(node)) {
		if (xml_is(node, "hostdev"))
			result = read_hostdev(reader, node);
		else if (xml_is(node, "interface"))
			result = read_interface(reader, node);
		else if (xml_is(node, "disk"))
			result = read_disk(reader, node);
	}
	return result;
}

/* --- the domain --- */

static int read_name(struct domain_reader *reader, const struct xml_node *root)
{
	const struct xml_node *node = xml_find(root, "name");
	auto_free char *name = node ? xml_text(node) : NULL;

	if (!node)
		return xml_refuse(root, NULL, NULL, reader->err, "no <name>");
	if (!*name)
		return xml_refuse(node, NULL, NULL, reader->err, "empty");
	if (strchr(name, '/'))
		return xml_refuse(node, NULL, NULL, reader->err, "a name has no \"/\" in it");
	reader->guest->name = steal(&name);
	return 0;
}

static int read_uuid(struct domain_reader *reader, const struct xml_node *root)
{
	const struct xml_node *node = xml_find(root, "uuid");
	auto_free char *uuid = node ? xml_text(node) : NULL;
	auto_free char *shown = NULL;

	/* Libvirt makes a UUID up where there is no text. */
	if (!uuid || !*uuid || domain_value_uuid(uuid, reader->guest->uuid))
		return 0;
	shown = xml_quote(uuid);
	return xml_refuse(node, NULL, NULL, reader->err, "'%s' is no UUID", shown);
}

static int read_domain(struct domain_reader *reader, const struct xml_node *root)
{
	int result;

	if (!xml_is(root, "domain"))
		return xml_refuse(root, NULL, NULL, reader->err,
				  "no domain (the root must be <domain> in no namespace)");
	reader->iommufd = wants_iommufd(root);
	result = read_name(reader, root);
	if (!result)
		result = read_uuid(reader, root);
	for (const struct xml_node *node = xml_first(root); node && !result;
	     node = xml_next(node)) {
		if (xml_is(node, "os"))
			domain_images_of_os(node, reader->guest);
		else if (domain_memory_read(node, &reader->guest->memory))
			continue;
		else if (xml_is(node, "devices"))
			result = read_devices(reader, node);
		else if (xml_is(node, "metadata"))
			result = domain_policy_read(node, &reader->policy, reader->guest,
						    reader->err);
		else
			domain_qemu_read(node, reader->guest);
	}
	return result;
}

static int parse(const char *xml, size_t length, bool is_status, struct guest *ret,
		 struct error *err)
{
	const struct xml_node *root;
	auto_xml struct xml_doc *doc = NULL;
	auto_guest struct guest guest = {0};
	struct domain_reader reader = {.guest = &guest, .err = err};
	int result;

	if (length > DOMAIN_XML_MAX)
		return error_set(err, EFBIG, "domain XML: %zu bytes are more than the %u allowed",
				 length, DOMAIN_XML_MAX);
	result = xml_read("domain XML", xml, length, &doc, err);
	if (result < 0)
		return result;
	root = xml_root(doc);
	if (is_status && xml_is(root, "domstatus"))
		root = xml_find(root, "domain");
	if (!root)
		return error_set(err, EBADMSG, "domain XML: no <domain> in <domstatus>");
	result = read_domain(&reader, root);
	if (result < 0)
		return result;
	*ret = guest;
	memset(&guest, 0, sizeof(guest));
	return 0;
}

int domain_parse(const char *xml, size_t length, struct guest *ret, struct error *err)
{
	return parse(xml, length, false, ret, err);
}

int domain_parse_status(const char *xml, size_t length, struct guest *ret, struct error *err)
{
	return parse(xml, length, true, ret, err);
}
