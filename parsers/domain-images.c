// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a domain XML names files and block devices of the host that are the guest's own. Nothing is
 * refused here: whether libvirt takes such a definition is its own affair.
 */
#include "parsers/domain-images.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* path: heap or NULL, taken over. */
static void add(struct guest *guest, char *path)
{
	auto_free char *image = path;

	if (!image || image[0] != '/')
		return;
	/* Clones have a base in common. */
	for (size_t i = 0; i < guest->image_count; i++)
		if (strcmp(guest->images[i], image) == 0)
			return;
	guest->images = array_grow(guest->images, guest->image_count, sizeof(*guest->images));
	guest->images[guest->image_count++] = steal(&image);
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
