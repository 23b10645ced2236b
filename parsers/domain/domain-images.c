// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a domain XML names files, block devices and network disks that are the guest's own. Nothing
 * is refused here: whether libvirt takes such a definition is its own affair.
 */
#include "parsers/domain/domain-images.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* image: heap or NULL, taken over. */
static void add_any(struct guest *guest, char *path)
{
	auto_free char *image = path;

	if (!image)
		return;
	/* Clones have a base in common. */
	for (size_t i = 0; i < guest->image_count; i++)
		if (strcmp(guest->images[i], image) == 0)
			return;
	array_push(guest->images, guest->image_count, steal(&image));
}

/* path: heap or NULL, taken over. */
static void add(struct guest *guest, char *path)
{
	if (path && path[0] == '/')
		add_any(guest, path);
	else
		free(path);
}

/* "HOST,HOST", IPv6 in brackets; NULL where one of them is reached by a socket of this host. */
static char *join_hosts(const struct xml_node *source)
{
	auto_text struct text hosts = TEXT_INIT;

	for (const struct xml_node *node = xml_first(source); node; node = xml_next(node)) {
		auto_free char *name = NULL, *transport = NULL;

		if (!xml_is(node, "host"))
			continue;
		transport = xml_attr(node, "transport");
		if (text_equal(transport, "unix"))
			return NULL;
		name = xml_attr(node, "name");
		if (name)
			text_printf(&hosts, strchr(name, ':') ? "%s[%s]" : "%s%s",
				    hosts.length ? "," : "", name);
	}
	return text_steal(&hosts);
}

/* What QEMU fetches from another machine by itself: "nbd://192.0.2.7/disk". */
static void add_network(struct guest *guest, const struct xml_node *source)
{
	auto_free char *protocol = xml_attr(source, "protocol");
	auto_free char *name = xml_attr(source, "name");
	auto_free char *hosts = join_hosts(source);

	if (!protocol || !hosts)
		return;
	add_any(guest, xasprintf("%s://%s/%s", protocol, hosts, name ? name : ""));
}

/* type: of the element whose <source> this is, or NULL. */
static void add_source(struct guest *guest, const char *type, const struct xml_node *source)
{
	if (!source)
		return;
	/* Where libvirt lets the type be absent, it means a file. */
	if (!type || strcmp(type, "file") == 0)
		add(guest, xml_attr(source, "file"));
	else if (strcmp(type, "block") == 0)
		add(guest, xml_attr(source, "dev"));
	else if (strcmp(type, "network") == 0)
		add_network(guest, source);
}

/* What has a <source>, and that which it stands on. */
static void read_chain(struct guest *guest, const struct xml_node *store)
{
	for (; store; store = xml_find(store, "backingStore")) {
		const struct xml_node *source = xml_find(store, "source");
		const struct xml_node *data = xml_find(source, "dataStore");
		auto_free char *type = xml_attr(store, "type");
		auto_free char *data_type = xml_attr(data, "type");

		add_source(guest, type, source);
		add_source(guest, data_type, xml_find(data, "source"));
	}
}

void domain_images_of_disk(const struct xml_node *disk, struct guest *guest)
{
	read_chain(guest, disk);
	read_chain(guest, xml_find(disk, "mirror"));
}

void domain_images_of_os(const struct xml_node *os, struct guest *guest)
{
	static const char *const names[] = {"loader", "nvram", "kernel", "initrd", "dtb", "shim"};

	for (const struct xml_node *node = xml_first(os); node; node = xml_next(node)) {
		auto_free char *type = NULL;

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (xml_is(node, names[i]))
				add(guest, xml_text(node));
		if (!xml_is(node, "nvram"))
			continue;
		/* Since libvirt 8.5 it may be a source like a disk's, on a block device too. */
		type = xml_attr(node, "type");
		add_source(guest, type, xml_find(node, "source"));
		add(guest, xml_attr(node, "template"));
	}
}
