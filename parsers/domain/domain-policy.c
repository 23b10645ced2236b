// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the policy of a guest is written in its metadata. virsh puts every element of what it is
 * given into our namespace (util/virxml.c:virXMLInjectNamespace), so the inner ones are in it, too.
 * Tests: unit/test-domain.c, model/test-cases.c.
 */
#include "parsers/domain/domain-policy.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define NAMESPACE "urn:hostdev-hook:1"
#define POLICY_ELEMENT "policy"
#define DEVICE_ELEMENT "device"
#define ADDRESS "address"
#define DEVICES_MAX 256 /* they are compared with one another */

/* addr: of a device element, whose address is not one of the keys; else NULL. */
static int read_items(const struct xml_node *node, const struct pci_addr *addr, struct guest *guest,
		      struct error *err)
{
	for (const struct xml_node *attr = xml_attr_first(node); attr; attr = xml_attr_next(attr)) {
		const char *namespace = xml_namespace(attr);
		struct policy_item item = {.line = xml_line(node), .has_addr = addr != NULL};

		if (text_equal(namespace, NAMESPACE)) {
			auto_free char *name = xml_quote(xml_name(attr));

			return xml_refuse(node, NULL, NULL, err, "attribute %s must have no prefix",
					  name);
		}
		if (namespace || (addr && strcmp(xml_name(attr), ADDRESS) == 0))
			continue;
		if (addr)
			item.addr = *addr;
		item.key = xstrdup(xml_name(attr));
		item.value = xml_text(attr);
		array_push(guest->policy, guest->policy_count, item);
	}
	return 0;
}

static int check_device(const struct xml_node *node, struct error *err)
{
	if (!text_equal(xml_namespace(node), NAMESPACE))
		return xml_refuse(node, NULL, NULL, err,
				  "in a policy every element has the policy's own prefix");
	if (strcmp(xml_name(node), DEVICE_ELEMENT) != 0)
		return xml_refuse(node, NULL, NULL, err,
				  "unknown element (only " DEVICE_ELEMENT " is known in a policy)");
	if (!xml_is_bare(node))
		return xml_refuse(node, NULL, NULL, err,
				  "a device has attributes only, no text or elements in it");
	return 0;
}

/* Heap; NULL where there is none. Not by xml_attr, to which one of another namespace is as good. */
static char *address_text(const struct xml_node *node)
{
	for (const struct xml_node *attr = xml_attr_first(node); attr; attr = xml_attr_next(attr))
		if (!xml_namespace(attr) && strcmp(xml_name(attr), ADDRESS) == 0)
			return xml_text(attr);
	return NULL;
}

static int read_address(const struct xml_node *node, struct pci_addr *ret, struct error *err)
{
	auto_free char *text = address_text(node);

	if (!text)
		return xml_refuse(node, NULL, NULL, err, "no " ADDRESS);
	if (!pci_addr_parse_given(text, ret))
		return xml_refuse(node, ADDRESS, text, err, "not an address such as 0000:01:00.0");
	return 0;
}

/* Twice the same device would leave open which of the two was meant. */
static int check_twice(const struct xml_node *policy, const struct xml_node *node,
		       const struct pci_addr *addr, struct error *err)
{
	auto_free char *text = address_text(node);
	size_t count = 0;

	for (const struct xml_node *other = xml_first(policy); other != node;
	     other = xml_next(other)) {
		auto_free char *before = address_text(other);
		struct pci_addr found;

		if (before && pci_addr_parse_given(before, &found) && pci_addr_equal(&found, addr))
			return xml_refuse(node, ADDRESS, text, err,
					  "a second element for this device (the first is on line "
					  "%u)",
					  xml_line(other));
		if (++count >= DEVICES_MAX)
			return xml_refuse(node, NULL, NULL, err, "more than %d devices",
					  DEVICES_MAX);
	}
	return 0;
}

static int read_device(const struct xml_node *policy, const struct xml_node *device,
		       struct guest *guest, struct error *err)
{
	struct pci_addr addr;
	int result = check_device(device, err);

	if (!result)
		result = read_address(device, &addr, err);
	if (!result)
		result = check_twice(policy, device, &addr, err);
	return result ? result : read_items(device, &addr, guest, err);
}

/* What we do not know may be what somebody relies on: nothing of ours is skipped. */
static int read_policy(const struct xml_node *policy, const struct xml_node **first,
		       struct guest *guest, struct error *err)
{
	int result;

	if (strcmp(xml_name(policy), POLICY_ELEMENT) != 0)
		return xml_refuse(policy, NULL, NULL, err,
				  "unknown element (only " POLICY_ELEMENT " is known)");
	if (*first)
		return xml_refuse(policy, NULL, NULL, err,
				  "a second policy (the first is on line %u)", xml_line(*first));
	*first = policy;
	if (!xml_is_textless(policy))
		return xml_refuse(policy, NULL, NULL, err,
				  "a policy has attributes and devices only, no text in it");
	result = read_items(policy, NULL, guest, err);
	for (const struct xml_node *device = xml_first(policy); device && !result;
	     device = xml_next(device))
		result = read_device(policy, device, guest, err);
	return result;
}

/* An error that tells a line of XML must say whose XML it is. */
static int wrap(int result, const struct guest *guest, struct error *err)
{
	auto_free char *name = text_escape(guest->name ? guest->name : "");

	if (result < 0 && err)
		error_wrap(err, "the policy of %s", name);
	return result;
}

int domain_policy_apply(struct policy *policy, const struct guest *guest, struct error *err)
{
	return wrap(policy_apply_guest(policy, guest, err), guest, err);
}

int domain_policy_read(const struct xml_node *metadata, const struct xml_node **first,
		       struct guest *guest, struct error *err)
{
	int result = 0;

	for (const struct xml_node *node = xml_first(metadata); node && !result;
	     node = xml_next(node))
		if (text_equal(xml_namespace(node), NAMESPACE))
			result = read_policy(node, first, guest, err);
	return wrap(result, guest, err);
}
